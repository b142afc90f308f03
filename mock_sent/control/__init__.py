"""The counter of the control plane: everything under /_mock. It never shows in a reply of the vendor's."""
