# Serves on 0.0.0.0:4010 as a user without rights.
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/mock-sent && /opt/mock-sent/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
COPY --from=build /opt/mock-sent /opt/mock-sent
ENV PATH=/opt/mock-sent/bin:$PATH MOCK_SENT_HOST=0.0.0.0 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 4010
ENTRYPOINT ["mock-sent"]
CMD ["serve"]
