"""boto3, the official library: queues, messages, batches, FIFO queues, dead letters and tags.

    queues.py BASE
"""

import concurrent.futures
import hashlib
import json
import struct
import sys
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BASE = sys.argv[1]
SESSION = BASE + "/@boto3"


def client(key="AKIDEXAMPLE", **more):
    return boto3.client(
        "sqs", endpoint_url=SESSION + "/sqs", region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, **more))


sqs = client()


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


def refused(what, code, call, *arguments, kind=ClientError, **named):
    try:
        call(*arguments, **named)
    except kind as error:
        is_equal(what, error.response["Error"]["Code"], code)
        return error
    raise AssertionError(f"{what}: nothing was refused")


def advance(duration):
    body = json.dumps({"by": duration}).encode()
    urllib.request.urlopen(urllib.request.Request(
        SESSION + "/_counterpart/clock/advance", body, {"Content-Type": "application/json"}, method="POST")).close()


def md5(text):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes):
    """As the developer guide has it: each name, type and value behind its length."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        for text in (name, value["DataType"]):
            digest.update(struct.pack(">I", len(text.encode())) + text.encode())
        digest.update(b"\1" + struct.pack(">I", len(value["StringValue"].encode())) + value["StringValue"].encode())
    return digest.hexdigest()


def received(url, **more):
    return sqs.receive_message(QueueUrl=url, **more).get("Messages", [])


def bodies(url, **more):
    return [message["Body"] for message in received(url, **more)]


def callers():
    refused("an unknown access key", "InvalidClientTokenId", client("AKIDOTHER").list_queues)
    refused("a queue that is not there", "AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none", kind=sqs.exceptions.QueueDoesNotExist)
    bare = client(parameter_validation=False)
    refused("no name", "MissingParameter", bare.create_queue)


def queues():
    url = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "60"}, tags={"team": "red"})["QueueUrl"]
    is_equal("the url", url, sqs.get_queue_url(QueueName="orders")["QueueUrl"])
    is_equal("the same again", sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "60"})["QueueUrl"], url)
    refused("the same otherwise", "QueueAlreadyExists", sqs.create_queue, QueueName="orders", Attributes={"VisibilityTimeout": "61"}, kind=sqs.exceptions.QueueNameExists)
    refused("a name with a space", "InvalidParameterValue", sqs.create_queue, QueueName="or ders")
    refused("a timeout of more than 12 hours", "InvalidAttributeValue", sqs.create_queue, QueueName="other", Attributes={"VisibilityTimeout": "43201"})
    refused("an attribute that is not there", "InvalidAttributeName", sqs.create_queue, QueueName="other", Attributes={"Colour": "red"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    is_equal("attributes", (shown["VisibilityTimeout"], shown["DelaySeconds"], shown["MessageRetentionPeriod"]), ("60", "5", "345600"))
    is_equal("the name", shown["QueueArn"], "arn:aws:sqs:us-east-1:123456789012:orders")
    sqs.tag_queue(QueueUrl=url, Tags={"cost": "7"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    is_equal("tags", sqs.list_queue_tags(QueueUrl=url)["Tags"], {"cost": "7"})
    for number in (3, 1, 4, 0, 2):
        sqs.create_queue(QueueName=f"page-{number}")
    pages = list(sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 2}))
    is_equal("pages", [[url[-6:] for url in page["QueueUrls"]] for page in pages], [["page-0", "page-1"], ["page-2", "page-3"], ["page-4"]])
    sqs.delete_queue(QueueUrl=url)
    refused("a queue that was deleted", "AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=url, MessageBody="x")
    refused("its name", "AWS.SimpleQueueService.QueueDeletedRecently", sqs.create_queue, QueueName="orders")
    advance("PT61S")
    sqs.create_queue(QueueName="orders")


def messages():
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    attributes = {"kind": {"DataType": "String", "StringValue": "größe"}, "count": {"DataType": "Number.int", "StringValue": "7"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="Zoë <&> 𝄞", MessageAttributes=attributes)
    is_equal("the MD5 of the body", sent["MD5OfMessageBody"], md5("Zoë <&> 𝄞"))
    is_equal("the MD5 of the attributes", sent["MD5OfMessageAttributes"], md5_of_attributes(attributes))
    [message] = received(url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
    is_equal("the message", (message["MessageId"], message["Body"]), (sent["MessageId"], "Zoë <&> 𝄞"))
    is_equal("its attributes", message["MessageAttributes"], attributes)
    is_equal("their MD5", message["MD5OfMessageAttributes"], md5_of_attributes(attributes))
    is_equal("its count", message["Attributes"]["ApproximateReceiveCount"], "1")
    is_equal("while it is hidden", received(url), [])
    advance("PT31S")
    [again] = received(url, MessageSystemAttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["kind"])
    is_equal("the second time", (again["MessageId"], again["Attributes"]), (sent["MessageId"], {"ApproximateReceiveCount": "2"}))
    is_equal("one attribute", list(again["MessageAttributes"]), ["kind"])
    assert again["ReceiptHandle"] != message["ReceiptHandle"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])    # an old handle deletes nothing
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
    [third] = received(url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
    advance("PT1M")
    is_equal("what was deleted", received(url), [])
    refused("a handle that is none", "ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="none", kind=sqs.exceptions.ReceiptHandleIsInvalid)
    refused("what is not in flight", "AWS.SimpleQueueService.MessageNotInflight", sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=third["ReceiptHandle"], VisibilityTimeout=5)
    refused("eleven at once", "InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
    refused("a control character", "InvalidMessageContents", sqs.send_message, QueueUrl=url, MessageBody="a\x01", kind=sqs.exceptions.InvalidMessageContents)
    refused("more than a MiB", "InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x" * 1048577)
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=10)
    is_equal("what is delayed", bodies(url), [])
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessages"])
    is_equal("numbers", counts["Attributes"], {"ApproximateNumberOfMessagesDelayed": "1", "ApproximateNumberOfMessages": "0"})
    advance("PT11S")
    is_equal("after it", bodies(url), ["later"])
    sqs.purge_queue(QueueUrl=url)
    refused("purged again", "AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)


def waiting():
    url = sqs.create_queue(QueueName="quiet")["QueueUrl"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        began = time.monotonic()
        one = pool.submit(received, url, WaitTimeSeconds=20)
        while count("used") == 0:
            assert time.monotonic() - began < 15, "nobody waits"
        is_equal("while it waits", one.done(), False)
        sqs.send_message(QueueUrl=url, MessageBody="at last")
        is_equal("what it waited for", [message["Body"] for message in one.result()], ["at last"])
        assert time.monotonic() - began < 19, "it was not answered at once"
        # It is the mock's clock that says when it is over.
        one = pool.submit(received, url, WaitTimeSeconds=20)
        while count("used") == 0:
            assert time.monotonic() - began < 60, "nobody waits"
        advance("PT20S")
        is_equal("nothing", one.result(), [])


def count(what):
    with urllib.request.urlopen(SESSION + "/_counterpart/health") as answer:
        return json.load(answer)["limits"]["held"][what]


def batches():
    url = sqs.create_queue(QueueName="batches")["QueueUrl"]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": f"body {number}"} for number in range(9)] + [{"Id": "late", "MessageBody": "x", "DelaySeconds": 901}])
    is_equal("sent", [one["Id"] for one in sent["Successful"]], [str(number) for number in range(9)])
    is_equal("not sent", [(one["Id"], one["Code"], one["SenderFault"]) for one in sent["Failed"]], [("late", "InvalidParameterValue", True)])
    is_equal("their MD5", [one["MD5OfMessageBody"] for one in sent["Successful"]], [md5(f"body {number}") for number in range(9)])
    found = received(url, MaxNumberOfMessages=10)
    is_equal("all of them", sorted(one["Body"] for one in found), [f"body {number}" for number in range(9)])
    entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(found)]
    changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[{**one, "VisibilityTimeout": 0} for one in entries[:2]])
    is_equal("visible again", len(changed["Successful"]), 2)
    is_equal("which", sorted(bodies(url, MaxNumberOfMessages=10)), sorted(one["Body"] for one in found[:2]))
    gone = sqs.delete_message_batch(QueueUrl=url, Entries=entries[2:] + [{"Id": "wrong", "ReceiptHandle": "none"}])
    is_equal("deleted", (len(gone["Successful"]), [one["Code"] for one in gone["Failed"]]), (7, ["ReceiptHandleIsInvalid"]))
    refused("no entries", "AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])
    refused("one id twice", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", sqs.delete_message_batch, QueueUrl=url, Entries=[entries[0], entries[0]])
    refused("eleven entries", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": "x"} for number in range(11)])
    refused("an id with a dot", "AWS.SimpleQueueService.InvalidBatchEntryId", sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "a.b", "MessageBody": "x"}])


def fifo():
    refused("a name without .fifo", "InvalidParameterValue", sqs.create_queue, QueueName="fifo", Attributes={"FifoQueue": "true"})
    url = sqs.create_queue(QueueName="line.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    refused("no group", "MissingParameter", sqs.send_message, QueueUrl=url, MessageBody="x", MessageDeduplicationId="1")
    refused("no id", "InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x", MessageGroupId="a")

    def send(body, token, group="a"):
        return sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=token)

    first = send("one", "1")
    is_equal("sent twice", send("one", "1")["MessageId"], first["MessageId"])
    assert send("two", "2")["SequenceNumber"] > first["SequenceNumber"]
    send("other", "3", "b")
    [one] = received(url, MessageSystemAttributeNames=["All"])
    is_equal("the first", (one["Body"], one["Attributes"]["MessageGroupId"], one["Attributes"]["MessageDeduplicationId"]), ("one", "a", "1"))
    is_equal("of another group", bodies(url, MaxNumberOfMessages=10), ["other"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    is_equal("then the next", bodies(url), ["two"])
    send("one", "1")
    is_equal("still within 5 minutes", bodies(url), [])
    advance("PT5M1S")
    send("again", "1", "c")
    is_equal("after 5 minutes", sorted(bodies(url, MaxNumberOfMessages=10)), ["again", "other", "two"])

    by_content = sqs.create_queue(QueueName="content.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    for _ in range(2):
        sqs.send_message(QueueUrl=by_content, MessageBody="same", MessageGroupId="a")
    is_equal("the same content", bodies(by_content, MaxNumberOfMessages=10), ["same"])


def dead_letters():
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = sqs.create_queue(QueueName="fragile", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        is_equal("tried", bodies(url, VisibilityTimeout=1), ["poison"])
        advance("PT2S")
    is_equal("given up", bodies(url), [])
    is_equal("in the other queue", bodies(dead), ["poison"])
    old = sqs.create_queue(QueueName="old", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    sqs.send_message(QueueUrl=old, MessageBody="x")
    advance("PT61S")
    is_equal("what is too old", bodies(old), [])


for part in (callers, queues, messages, waiting, batches, fifo, dead_letters):
    part()
