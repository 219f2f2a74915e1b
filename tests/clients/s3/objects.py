"""Amazon's own client, boto3, against the mock of S3. moto.py has it do the same with moto.

    objects.py BASE
"""

import hashlib
import io
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

KEY = "2026/größe/a b+c&d.bin"
BYTES = bytes(range(256)) * 9
OTHER_TAG = '"0d4ae1cc8a9a0b5f0e6d3a0b6ba0cba4"'

def check(holds, what):
    if not holds:
        sys.exit(what)


def same(found, wanted, what):
    check(found == wanted, f"{what}: {found!r}, not {wanted!r}")


def client_of(url, access="AKIAIOSFODNN7EXAMPLE", secret="secret"):
    # Without more attempts an answer is seen as it came; presigned URLs are of the present version.
    config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4", s3={"addressing_style": "path"})
    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=access, aws_secret_access_key=secret, config=config
    )


def refused(code, status, action, **named):
    try:
        action(**named)
    except ClientError as error:
        found = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        same(found, (code, status), f"what {action.__name__} is refused with")
        return error.response
    sys.exit(f"{action.__name__} was to be refused with {code}")


def buckets(s3):
    s3.create_bucket(Bucket="client-photos")
    s3.create_bucket(Bucket="client-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.get_waiter("bucket_exists").wait(Bucket="client-photos")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    check({"client-photos", "client-eu"} <= set(names), f"the buckets are {names}")
    same(s3.head_bucket(Bucket="client-eu")["BucketRegion"], "eu-west-1", "the region of a bucket")
    same(s3.get_bucket_location(Bucket="client-photos")["LocationConstraint"], None, "where a bucket is")
    location = {"LocationConstraint": "eu-west-1"}
    refused("BucketAlreadyOwnedByYou", 409, s3.create_bucket, Bucket="client-eu", CreateBucketConfiguration=location)
    error = refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket="client-nowhere")
    same(error["Error"]["BucketName"], "client-nowhere", "which bucket there is not")
    check(error["ResponseMetadata"]["RequestId"], "an error has the id of its request")
    refused("404", 404, s3.head_bucket, Bucket="client-nowhere")


def objects(s3):
    put = s3.put_object(
        Bucket="client-photos", Key=KEY, Body=BYTES, ContentType="image/x-raw", CacheControl="no-cache",
        Metadata={"color": "red", "size": "7"},
    )
    same(put["ETag"], f'"{hashlib.md5(BYTES).hexdigest()}"', "an ETag")
    got = s3.get_object(Bucket="client-photos", Key=KEY)
    same(got["Body"].read(), BYTES, "the bytes of an object")
    same((got["ETag"], got["ContentLength"]), (put["ETag"], len(BYTES)), "what is told of an object")
    same((got["ContentType"], got["CacheControl"]), ("image/x-raw", "no-cache"), "the headers of an object")
    same(got["Metadata"], {"color": "red", "size": "7"}, "the metadata of an object")
    # What came with the checksum that boto3 adds goes out with it, and boto3 has looked at it.
    same(got["ChecksumCRC32"], put["ChecksumCRC32"], "the checksum of an object")
    head = s3.head_object(Bucket="client-photos", Key=KEY)
    same((head["ContentLength"], head["ETag"]), (len(BYTES), put["ETag"]), "HEAD of an object")
    same(head["Metadata"], {"color": "red", "size": "7"}, "the metadata in HEAD")
    check(head["LastModified"].utcoffset().total_seconds() == 0, "times are in GMT")

    part = s3.get_object(Bucket="client-photos", Key=KEY, Range="bytes=250-259")
    same((part["Body"].read(), part["ContentRange"]), (BYTES[250:260], f"bytes 250-259/{len(BYTES)}"), "a part")
    error = refused("InvalidRange", 416, s3.get_object, Bucket="client-photos", Key=KEY, Range="bytes=9999-")
    same(error["Error"]["ActualObjectSize"], str(len(BYTES)), "how long an object is")
    refused("304", 304, s3.get_object, Bucket="client-photos", Key=KEY, IfNoneMatch=put["ETag"])
    refused("304", 304, s3.get_object, Bucket="client-photos", Key=KEY, IfModifiedSince=got["LastModified"])
    refused("PreconditionFailed", 412, s3.get_object, Bucket="client-photos", Key=KEY, IfMatch=OTHER_TAG)
    refused("PreconditionFailed", 412, s3.put_object, Bucket="client-photos", Key=KEY, Body=b"x", IfNoneMatch="*")
    refused("PreconditionFailed", 412, s3.put_object, Bucket="client-photos", Key=KEY, Body=b"x", IfMatch=OTHER_TAG)
    refused("NoSuchKey", 404, s3.put_object, Bucket="client-photos", Key="nothing", Body=b"x", IfMatch=OTHER_TAG)

    error = refused("NoSuchKey", 404, s3.get_object, Bucket="client-photos", Key="no/such key")
    same(error["Error"]["Key"], "no/such key", "which key there is not")
    refused("404", 404, s3.head_object, Bucket="client-photos", Key="nothing")
    s3.put_object(Bucket="client-photos", Key="empty")
    empty = s3.get_object(Bucket="client-photos", Key="empty")
    same((empty["Body"].read(), empty["ContentType"]), (b"", "binary/octet-stream"), "an object of nothing")

    s3.upload_fileobj(io.BytesIO(BYTES), "client-photos", "uploaded", ExtraArgs={"ContentType": "text/plain"})
    taken = io.BytesIO()
    s3.download_fileobj("client-photos", "uploaded", taken)
    same(taken.getvalue(), BYTES, "a file that was uploaded and downloaded")


def copies(s3):
    s3.copy_object(Bucket="client-eu", Key="copy of it", CopySource={"Bucket": "client-photos", "Key": KEY})
    copy = s3.get_object(Bucket="client-eu", Key="copy of it")
    same((copy["Body"].read(), copy["Metadata"]), (BYTES, {"color": "red", "size": "7"}), "a copy")
    source = {"Bucket": "client-eu", "Key": "copy of it"}
    refused("InvalidRequest", 400, s3.copy_object, Bucket="client-eu", Key="copy of it", CopySource=source)
    s3.copy_object(
        Bucket="client-eu", Key="copy of it", CopySource=source, MetadataDirective="REPLACE", Metadata={"new": "1"}, ContentType="text/plain"
    )
    copy = s3.head_object(Bucket="client-eu", Key="copy of it")
    same((copy["ContentType"], copy["Metadata"]), ("text/plain", {"new": "1"}), "a copy with other metadata")
    refused("NoSuchKey", 404, s3.copy_object, Bucket="client-eu", Key="other", CopySource="client-eu/nothing")


def lists(s3):
    keys = [f"list/{year}/{name}" for year in (2025, 2026) for name in ("a.txt", "b b+ä.txt", "c.txt")] + ["list/index"]
    for key in reversed(keys):
        s3.put_object(Bucket="client-photos", Key=key, Body=key.encode())
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="client-photos", Prefix="list/", PaginationConfig={"PageSize": 3})
    pages = [[(entry["Key"], entry["Size"]) for entry in page["Contents"]] for page in pages]
    same([len(page) for page in pages], [3, 3, 1], "how many keys the pages have")
    same(sum(pages, []), [(key, len(key.encode())) for key in keys], "the keys of all pages")
    page = s3.list_objects_v2(Bucket="client-photos", Prefix="list/", Delimiter="/")
    same([entry["Prefix"] for entry in page["CommonPrefixes"]], ["list/2025/", "list/2026/"], "what keys have in common")
    same([entry["Key"] for entry in page["Contents"]], ["list/index"], "the keys beside it")
    same((page["KeyCount"], page["IsTruncated"]), (3, False), "how many there are")
    page = s3.list_objects_v2(Bucket="client-photos", Prefix="list/", StartAfter=keys[4])
    same([entry["Key"] for entry in page["Contents"]], keys[5:], "the keys behind one")

    told = s3.delete_objects(Bucket="client-photos", Delete={"Objects": [{"Key": key} for key in [*keys[:2], "nothing"]]})
    same([entry["Key"] for entry in told["Deleted"]], [*keys[:2], "nothing"], "what was deleted")
    check("Errors" not in told, "nothing fails to be deleted")
    same(s3.list_objects_v2(Bucket="client-photos", Prefix="list/")["KeyCount"], 5, "what is left")


def ends(s3):
    refused("BucketNotEmpty", 409, s3.delete_bucket, Bucket="client-photos")
    for bucket in ("client-photos", "client-eu"):
        for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]:
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
        s3.delete_object(Bucket=bucket, Key="nothing")
        s3.delete_bucket(Bucket=bucket)
    s3.get_waiter("bucket_not_exists").wait(Bucket="client-photos")


def drive(url):
    """What a server of S3 does, whoever's it is."""
    s3 = client_of(url)
    for part in [buckets, objects, copies, lists, ends]:
        part(s3)


def documented(url):
    """What Amazon's pages say, and moto does not do."""
    s3 = client_of(url)
    refused("InvalidBucketName", 400, s3.create_bucket, Bucket="Photos")
    refused("InvalidAccessKeyId", 403, client_of(url, "AKIA0000000000000000").list_buckets)
    s3.create_bucket(Bucket="client-photos")
    at = {"Bucket": "client-photos", "Key": "k"}
    refused("KeyTooLongError", 400, s3.put_object, Bucket="client-photos", Key="k" * 1025, Body=b"x")
    refused("MetadataTooLarge", 400, s3.put_object, **at, Body=b"x", Metadata={"a": "x" * 2048})
    refused("BadDigest", 400, s3.put_object, **at, Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    refused("InvalidDigest", 400, s3.put_object, **at, Body=b"x", ContentMD5="bad")
    refused("BadDigest", 400, s3.put_object, **at, Body=b"x", ChecksumSHA256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    put = s3.put_object(**at, Body=b"x", ContentType="text/plain")
    refused("PreconditionFailed", 412, s3.copy_object, Bucket="client-photos", Key="c", CopySource=at, CopySourceIfNoneMatch=put["ETag"])
    check("Deleted" not in s3.delete_objects(Bucket="client-photos", Delete={"Objects": [{"Key": "q"}], "Quiet": True}), "Quiet tells of keys")
    refused("InvalidArgument", 400, s3.list_objects_v2, Bucket="client-photos", ContinuationToken="nonsense!")
    refused("NotImplemented", 501, s3.get_object_tagging, **at)

    signed = s3.generate_presigned_url("get_object", Params={**at, "ResponseContentType": "text/html"}, ExpiresIn=3600)
    with urllib.request.urlopen(signed) as answer:
        same((answer.read(), answer.headers["Content-Type"]), (b"x", "text/html"), "what a presigned URL gives")
    session = url.rsplit("/", 1)[0]
    later = urllib.request.Request(f"{session}/_counterpart/clock/advance", b'{"by": "PT3601S"}', {"Content-Type": "application/json"})
    urllib.request.urlopen(later).close()
    for unsigned, what in [(signed, "Request has expired"), (f"{url}/client-photos/k", "Access Denied")]:
        try:
            urllib.request.urlopen(unsigned).close()
            sys.exit(f"{unsigned} was to be refused: {what}")
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            check(error.code == 403 and f"<Code>AccessDenied</Code><Message>{what}</Message>" in text, text)


def signed(url):
    """Signatures of a key whose secret the mock knows, over names and queries of all kinds."""
    access, secret = "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
    s3 = client_of(url, access, secret)
    s3.create_bucket(Bucket="client-signed")
    at = {"Bucket": "client-signed", "Key": KEY}
    s3.put_object(**at, Body=BYTES, Metadata={"color": "red  and  blue"})
    same(s3.get_object(**at)["Body"].read(), BYTES, "the bytes of an object of who signs")
    listed = s3.list_objects_v2(Bucket="client-signed", Prefix="2026/größe/", Delimiter="/", MaxKeys=5)
    same([item["Key"] for item in listed["Contents"]], [KEY], "what who signs lists")
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", Params=at, ExpiresIn=60)) as answer:
        same(answer.read(), BYTES, "what a presigned URL gives to who signs")
    other = client_of(url, access, "another")
    refused("SignatureDoesNotMatch", 403, other.get_object, **at)
    refused("SignatureDoesNotMatch", 403, other.put_object, **at, Body=b"x", ContentMD5="bad")
    for wrong in [other.generate_presigned_url("get_object", Params=at), s3.generate_presigned_url("get_object", Params=at).replace("client-signed", "client-other")]:
        try:
            urllib.request.urlopen(wrong).close()
            sys.exit(f"{wrong} was to be refused")
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            check(error.code == 403 and "<Code>SignatureDoesNotMatch</Code>" in text, text)
    s3.delete_object(**at)
    s3.delete_bucket(Bucket="client-signed")


def main():
    session = sys.argv[1] + "/@s3-client"
    urllib.request.urlopen(urllib.request.Request(f"{session}/_counterpart/reset", b"", method="POST")).close()
    drive(f"{session}/s3")
    signed(f"{session}/s3")
    documented(f"{session}/s3")


if __name__ == "__main__":
    main()
