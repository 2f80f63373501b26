using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Streams that were changed at random: whatever comes, the reader says More, Whole or Fault, and what it accepts obeys all
/// rules.</summary>
public sealed class NatsFuzzTests
{
    private const int MaxPayload = 4096;

    private static readonly byte[][] Seeds =
    [
        [
            .. "INFO {\"server_id\":\"S\",\"version\":\"2.9.10\",\"max_payload\":1048576,"u8,
            .. "\"connect_urls\":[\"10.0.0.7:4222\"],\"ldm\":true}\r\n"u8,
        ],
        "MSG plant.p7.rows 17 5\r\nhello\r\n"u8.ToArray(),
        "MSG a 1 _INBOX.x.2 0\r\n\r\n"u8.ToArray(),
        "HMSG a 1 23 28\r\nNATS/1.0\r\nName: ab\r\n\r\nhello\r\n"u8.ToArray(),
        "HMSG a 1 r.s 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"u8.ToArray(),
        "PING\r\nPONG\r\n+OK\r\n-ERR 'Unknown Protocol Operation'\r\n"u8.ToArray(),
    ];

    [Fact]
    public void Whatever_comes_no_rule_is_broken()
    {
        var random = new RandomStream(18, "nats");
        var (accepted, refused) = (0L, 0L);
        for (var i = 0; i < (LongForm.IsAsked ? 10_000_000 : 100_000); i++)
        {
            var bytes = Mutated(random);
            for (var at = 0; at < bytes.Length;)
            {
                var state = NatsCutter.Next(bytes.AsSpan(at), MaxPayload, out var frame, out var consumed, out var fault);
                Assert.InRange(consumed, 0, bytes.Length - at);
                if (state == NatsFrameState.More) { break; }
                if (state == NatsFrameState.Fault)
                {
                    refused++;
                    Assert.NotEmpty(fault.Text);
                    Assert.Equal(fault.IsOfMessage, consumed > 0);
                    if (!fault.IsOfMessage) { break; }
                }
                else
                {
                    accepted++;
                    Assert.True(consumed > 0);
                    Check(frame, bytes.AsSpan(at, consumed));
                }

                at += consumed;
            }
        }

        Assert.True(accepted > 10_000 && refused > 10_000, $"{accepted} accepted, {refused} refused");
    }

    private static void Check(in NatsFrame frame, ReadOnlySpan<byte> bytes)
    {
        Assert.True(bytes.EndsWith("\r\n"u8));
        if (frame.Operation == NatsOperation.Info) { _ = ServerInfoReader.TryRead(frame.Text, out _, out _); }
        if (frame.Operation != NatsOperation.Message) { return; }
        Assert.Null(NatsSubject.PublishFault(frame.Subject));
        if (!frame.ReplyTo.IsEmpty) { Assert.Null(NatsSubject.PublishFault(frame.ReplyTo)); }
        Assert.InRange(frame.Payload.Length, 0, MaxPayload);
        Assert.True(frame.SubscriptionId > 0);
        Assert.Equal(bytes.Length, frame.PayloadStart + frame.Payload.Length + 2);
        foreach (var header in frame.Headers)
        {
            Assert.True(NatsHeaders.IsName(header.Name));
            Assert.True(NatsHeaders.IsValue(header.Value), Encoding.Latin1.GetString(header.Value));
        }

        _ = NatsTopic.TryToTopic(frame.Subject, out _);
        _ = NatsProperties.TryRead(frame.HeaderBlock, frame.ReplyTo, out _);
    }

    /// <summary>One to three streams, with some bytes changed, left out, doubled or put in.</summary>
    private static byte[] Mutated(RandomStream random)
    {
        var bytes = new List<byte>();
        for (var seeds = 1 + random.NextInt32(3); seeds > 0; seeds--) { bytes.AddRange(Seeds[random.NextInt32(Seeds.Length)]); }
        for (var changes = random.NextInt32(5); changes > 0; changes--)
        {
            var at = random.NextInt32(bytes.Count);
            switch (random.NextInt32(5))
            {
                case 0: bytes[at] = (byte)random.NextInt32(256); break;
                case 1: bytes[at] = (byte)" \t\r\n.*>0123456789-:\0"[random.NextInt32(20)]; break;
                case 2: bytes.RemoveAt(at); break;
                case 3: bytes.Insert(at, bytes[random.NextInt32(bytes.Count)]); break;
                default: bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.NextInt32(20))); break;
            }

            if (bytes.Count == 0) { bytes.Add((byte)'M'); }
        }

        return [.. bytes];
    }
}
