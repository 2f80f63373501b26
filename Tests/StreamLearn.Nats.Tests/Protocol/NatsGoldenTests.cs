using System.Buffers;
using System.Text;

namespace StreamLearn.Nats.Tests;

/// <summary>Every operation byte for byte, both ways.</summary>
public sealed class NatsGoldenTests
{
    public static TheoryData<string, string> FromServer => new()
    {
        { "PING\r\n", "Ping" },
        { "ping\r\n", "Ping" },
        { "PiNg \t\r\n", "Ping" },
        { "PONG\r\n", "Pong" },
        { "+OK\r\n", "Ok" },
        { "+ok\r\n", "Ok" },
        { "-ERR 'Unknown Protocol Operation'\r\n", "Error Unknown Protocol Operation" },
        { "-err  plain \r\n", "Error plain" },
        { "-ERR\r\n", "Error" },
        { "-ERR ''\r\n", "Error" },
        { "-ERR '\r\n", "Error '" },
        { "INFO {}\r\n", "Info   1048576" },
        { "INFO {\"server_id\":\"N\",\"version\":\"2.9.10\",\"max_payload\":512,\"new\":[{\"a\":1}]} \r\n", "Info N 2.9.10 512" },
        { "MSG a 1 0\r\n\r\n", "Message a 1 '' []" },
        { "msg a.b 18446744073709551615 5\r\nhello\r\n", "Message a.b 18446744073709551615 '' [hello]" },
        { "MSG\ta.b \t 9 _INBOX.x\t11\r\nhello\r\nMSG \r\n", "Message a.b 9 '_INBOX.x' [hello\r\nMSG ]" },
        { "MSG a 1 1 \r\nx\r\n", "Message a 1 '' [x]" },
        { "MSG a 1 000000001\r\nx\r\n", "Message a 1 '' [x]" },
        { "HMSG a 1 012 0013\r\nNATS/1.0\r\n\r\nx\r\n", "Message a 1 '' status=0: [x]" },
        { "MSG \u00C3\u00BC 1 1\r\n\u00FF\r\n", "Message ü 1 '' [\u00FF]" },
        { "HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\n", "Message a 1 '' status=0: []" },
        { "HMSG a 1 r 16 17\r\nNATS/1.0 503\r\n\r\nx\r\n", "Message a 1 'r' status=503: [x]" },
        { "hmsg a 1 38 38\r\nNATS/1.0 100 Idle Heartbeat\r\nA: 1 \r\n\r\n\r\n", "Message a 1 '' status=100:Idle Heartbeat A=1; []" },
        { "HMSG a 1 31 33\r\nNATS/1.0\r\nk:v\r\nk:\r\nK: a: b\t\r\n\r\nhi\r\n", "Message a 1 '' status=0: k=v; k=; K=a: b; [hi]" },
    };

    public static TheoryData<string, string> FromClient => new()
    {
        { "ping", "PING\r\n" },
        { "pong", "PONG\r\n" },
        { "sub", "SUB a.*.> 1\r\n" },
        { "queue", "SUB a workers 18446744073709551615\r\n" },
        { "unsub", "UNSUB 7\r\n" },
        { "unsub-max", "UNSUB 7 3\r\n" },
        { "pub", "PUB a.b 5\r\nhello\r\n" },
        { "pub-empty", "PUB a 0\r\n\r\n" },
        { "pub-reply", "PUB a _INBOX.1 2\r\nhi\r\n" },
        { "hpub", "HPUB a 18 20\r\nNATS/1.0\r\nk: v\r\n\r\nhi\r\n" },
        { "hpub-reply", "HPUB a r 25 27\r\nNATS/1.0\r\nk: v\r\nK: \u00C3\u00BC\r\n\r\nhi\r\n" },
        {
            "connect", "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"lang\":\".net\",\"version\":\"1.2.3\","
                + "\"protocol\":1,\"echo\":true,\"headers\":true,\"no_responders\":true}\r\n"
        },
        {
            "connect-all", "CONNECT {\"verbose\":true,\"pedantic\":true,\"tls_required\":true,\"user\":\"u\",\"pass\":\"p\\u0022\","
                + "\"auth_token\":\"t\",\"name\":\"n\",\"lang\":\".net\",\"version\":\"1.2.3\",\"protocol\":1,\"echo\":false,"
                + "\"headers\":true,\"no_responders\":true}\r\n"
        },
    };

    [Theory]
    [MemberData(nameof(FromServer))]
    public void An_operation_is_read(string bytes, string text)
    {
        var whole = NatsReading.Bytes(bytes);

        Assert.Equal(text, NatsReading.Of(whole, out var consumed).TrimEnd());
        Assert.Equal(whole.Length, consumed);
        Assert.Equal(text, NatsReading.Of([.. whole, .. whole], out consumed).TrimEnd());
        Assert.Equal(whole.Length, consumed);
    }

    [Fact]
    public void However_a_stream_is_cut_the_operations_are_the_same()
    {
        var stream = FromServer.SelectMany(row => NatsReading.Bytes(row.Data.Item1)).ToArray();
        var expected = NatsReading.All(stream, stream.Length);
        Assert.Equal(FromServer.Select(static row => row.Data.Item2), expected.Select(static t => t.TrimEnd()));
        for (var cut = 0; cut < stream.Length; cut++) { Assert.Equal(expected, NatsReading.All(stream, cut)); }
    }

    [Fact]
    public void Byte_by_byte_nothing_is_told_before_the_last() => Assert.All(FromServer, static row =>
    {
        var whole = NatsReading.Bytes(row.Data.Item1);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal("more", NatsReading.Of(whole.AsSpan(0, length), out var consumed));
            Assert.Equal(0, consumed);
        }
    });

    [Theory]
    [MemberData(nameof(FromClient))]
    public void An_operation_is_written(string name, string bytes)
    {
        var output = new ArrayBufferWriter<byte>();

        Write(name, output);

        Assert.Equal(bytes, Encoding.Latin1.GetString(output.WrittenSpan));
    }

    private static void Write(string name, ArrayBufferWriter<byte> output)
    {
        switch (name)
        {
            case "ping": NatsWriter.Ping(output); break;
            case "pong": NatsWriter.Pong(output); break;
            case "sub": NatsWriter.Subscribe(output, "a.*.>"u8, default, 1); break;
            case "queue": NatsWriter.Subscribe(output, "a"u8, "workers"u8, ulong.MaxValue); break;
            case "unsub": NatsWriter.Unsubscribe(output, 7, 0); break;
            case "unsub-max": NatsWriter.Unsubscribe(output, 7, 3); break;
            case "pub": Publish(output, "a.b", "", [], "hello"); break;
            case "pub-empty": Publish(output, "a", "", [], ""); break;
            case "pub-reply": Publish(output, "a", "_INBOX.1", [], "hi"); break;
            case "hpub": Publish(output, "a", "", [("k", "v")], "hi"); break;
            case "hpub-reply": Publish(output, "a", "r", [("k", "v"), ("K", "ü")], "hi"); break;
            case "connect": new NatsConnect { Version = "1.2.3" }.Write(output); break;
            default:
                new NatsConnect
                {
                    Verbose = true,
                    Pedantic = true,
                    TlsRequired = true,
                    User = "u",
                    Password = "p\"",
                    Token = "t",
                    Name = "n",
                    Version = "1.2.3",
                    Echo = false,
                }.Write(output);
                break;
        }
    }

    internal static void Publish(
        IBufferWriter<byte> output, string subject, string replyTo, (string Name, string Value)[] headers, string payload)
    {
        var block = new ArrayBufferWriter<byte>();
        var writer = new NatsHeaderWriter(block);
        foreach (var (name, value) in headers) { writer.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value)); }
        writer.Complete();
        NatsWriter.Publish(
            output,
            new()
            {
                Subject = Encoding.UTF8.GetBytes(subject),
                ReplyTo = Encoding.UTF8.GetBytes(replyTo),
                HeaderBlock = block.WrittenSpan,
                Payload = new(Encoding.UTF8.GetBytes(payload)),
            },
            1_000_000);
    }
}
