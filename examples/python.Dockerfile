FROM python:3.11-slim
ARG PIP_INDEX_URL
RUN pip install --no-cache-dir tencentcloud-sdk-python-facefusion==3.1.70
WORKDIR /example
COPY first_call.py ./
CMD ["python", "first_call.py"]
