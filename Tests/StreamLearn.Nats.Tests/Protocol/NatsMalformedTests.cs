namespace StreamLearn.Nats.Tests;

public sealed class NatsMalformedTests
{
    private static readonly string LongSubject = new('x', 8300);

    /// <summary>Bytes, whether the message alone is at fault, and words of the reason.</summary>
    public static TheoryData<string, bool, string> Streams => new()
    {
        // operations and line ends
        { "HTTP/1.1 400\r\n", false, "another operation" },
        { "X", false, "another operation" },
        { "\r\n", false, "another operation" },
        { " PING\r\n", false, "another operation" },
        { "PUB a 1\r\n", false, "another operation" },
        { "PIXG\r\n", false, "another operation" },
        { "+KO\r\n", false, "another operation" },
        { "-OK\r\n", false, "another operation" },
        { "\u000BOK\r\n", false, "another operation" },
        { "\0", false, "another operation" },
        { "\u0016\u0003\u0001", false, "another operation" },
        { "PINGS\r\n", false, "after the operation's name" },
        { "MSGa 1 0\r\n\r\n", false, "after the operation's name" },
        { "PING\n", false, "after the operation's name" },
        { "INFO{}\r\n", false, "after the operation's name" },
        { "PING \n", false, "CR LF" },
        { "PING\rPONG\r\n", false, "control characters" },
        { "+OK \r\r\n", false, "control characters" },
        { "MSG a 1 0\n\r\n", false, "CR LF" },
        { "PING 1\r\n", false, "without arguments" },
        { "PONG x\r\n", false, "without arguments" },
        { "+OK yes\r\n", false, "without arguments" },
        { "-ERR 'a\u0000'\r\n", false, "control characters" },
        { "-ERR 'a\u001B[2J'\r\n", false, "control characters" },
        { "-ERR '\u00FF'\r\n", false, "well-formed" },

        // INFO
        { "INFO\r\n", false, "JSON object" },
        { "INFO []\r\n", false, "JSON object" },
        { "INFO [{}]\r\n", false, "JSON object" },
        { "INFO 1\r\n", false, "JSON object" },
        { "INFO null\r\n", false, "JSON object" },
        { "INFO {} {}\r\n", false, "JSON object" },
        { "INFO {,}\r\n", false, "JSON object" },
        { "INFO {\"a\":}\r\n", false, "JSON object" },
        { "INFO {\"server_id\":\"\u00FF\"}\r\n", false, "JSON object" },
        { "INFO {\"server_id\":\"\\ud800\"}\r\n", false, "JSON object" },
        { "INFO {\"server_id\":\"a\tb\"}\r\n", false, "JSON object" },
        { $"INFO {{\"a\":{new string('[', 40)}{new string(']', 40)}}}\r\n", false, "JSON object" },
        { "INFO {\"server_id\":1}\r\n", false, "of their types" },
        { "INFO {\"max_payload\":\"1\"}\r\n", false, "of their types" },
        { "INFO {\"max_payload\":0}\r\n", false, "of their types" },
        { "INFO {\"max_payload\":-1}\r\n", false, "of their types" },
        { "INFO {\"max_payload\":1.5}\r\n", false, "of their types" },
        { "INFO {\"max_payload\":2147483648}\r\n", false, "of their types" },
        { "INFO {\"headers\":1}\r\n", false, "of their types" },
        { "INFO {\"client_id\":-1}\r\n", false, "of their types" },
        { "INFO {\"connect_urls\":\"a:1\"}\r\n", false, "of their types" },
        { "INFO {\"connect_urls\":[1]}\r\n", false, "of their types" },
        { "INFO {\"nonce\":{}}\r\n", false, "of their types" },
        { "INFO {\"ldm\":null}\r\n", false, "of their types" },
        { "INFO {\"ldm\":true,\"ldm\":false}\r\n", false, "at most once" },

        // fields and numbers
        { "MSG \r\n", false, "MSG subject sid" },
        { "MSG a 1\r\n\r\n", false, "MSG subject sid" },
        { "MSG a 1 r 0 0\r\n\r\n", false, "MSG subject sid" },
        { "MSG a 1 r s t 0 0 0\r\n\r\n", false, "MSG subject sid" },
        { "HMSG a 1 12\r\n", false, "HMSG subject sid" },
        { "HMSG a 1 r s 12 12\r\n", false, "HMSG subject sid" },
        { "MSG a x 0\r\n\r\n", false, "subscription id" },
        { "MSG a 0 0\r\n\r\n", false, "subscription id" },
        { "MSG a 01 0\r\n\r\n", false, "subscription id" },
        { "MSG a -1 0\r\n\r\n", false, "subscription id" },
        { "MSG a 18446744073709551616 0\r\n\r\n", false, "subscription id" },
        { "MSG a 99999999999999999999 0\r\n\r\n", false, "subscription id" },
        { "MSG a 1 -1\r\n", false, "a size" },
        { "MSG a 1 +1\r\n", false, "a size" },
        { "MSG a 1 000000000000000000001\r\n", false, "a size" },
        { "MSG a 1 0x1\r\n", false, "a size" },
        { "MSG a 1 1.0\r\n", false, "a size" },
        { "MSG a 1 1e1\r\n", false, "a size" },
        { "MSG a 1 1\u0000\r\n", false, "a size" },
        { "MSG a 1 \u00B2\r\n", false, "a size" },
        { "MSG a 1 99999999999999999999\r\n", false, "a size" },
        { "HMSG a 1 -12 12\r\n", false, "a size" },
        { "HMSG a 1 x 12\r\n", false, "a size" },
        { "MSG a 1 1001\r\n", false, "at most the agreed size" },
        { "MSG a 1 2147483648\r\n", false, "at most the agreed size" },
        { "MSG a 1 18446744073709551615\r\n", false, "at most the agreed size" },
        { "HMSG a 1 12 1013\r\n", false, "at most the agreed size" },
        { "HMSG a 1 66537 66537\r\n", false, "at most the agreed size" },
        { "HMSG a 1 18446744073709551615 18446744073709551615\r\n", false, "at most the agreed size" },
        { "HMSG a 1 13 12\r\n", false, "at most the total size" },
        { $"MSG {LongSubject} 1 0\r\n\r\n", false, "8 KiB" },
        { $"-ERR '{LongSubject}'\r\n", false, "8 KiB" },
        { $"PING {new string(' ', 8300)}\r\n", false, "8 KiB" },
        { $"INFO {{\"a\":\"{new string('x', 65_536)}\"}}\r\n", false, "64 KiB" },

        // payloads
        { "MSG a 1 1\r\nxx\r\n", false, "directly after the payload" },
        { "MSG a 1 1\r\nx\n", false, "directly after the payload" },
        { "MSG a 1 1\r\nx\rx", false, "directly after the payload" },
        { "MSG a 1 0\r\nPING\r\n", false, "directly after the payload" },
        { "HMSG a 1 12 12\r\nNATS/1.0\r\n\r\nx", false, "directly after the payload" },

        // subjects
        { "MSG .a 1 0\r\n\r\n", true, "a subject" },
        { "MSG a. 1 0\r\n\r\n", true, "a subject" },
        { "MSG a..b 1 0\r\n\r\n", true, "a subject" },
        { "MSG . 1 0\r\n\r\n", true, "a subject" },
        { "MSG a.* 1 0\r\n\r\n", true, "a subject" },
        { "MSG > 1 0\r\n\r\n", true, "a subject" },
        { "MSG a\u0001 1 0\r\n\r\n", true, "a subject" },
        { "MSG a\r 1 0\r\n\r\n", true, "a subject" },
        { "MSG a\rb 1 0\r\n\r\n", true, "a subject" },
        { "MSG a 1 r\r 0\r\n\r\n", true, "a reply subject" },
        { "MSG a\u007F 1 0\r\n\r\n", true, "a subject" },
        { "MSG a\u0000b 1 0\r\n\r\n", true, "a subject" },
        { "MSG \u00FF 1 0\r\n\r\n", true, "a subject" },
        { "MSG \u00C0\u00AF 1 0\r\n\r\n", true, "a subject" },
        { "MSG \u00ED\u00A0\u0080 1 0\r\n\r\n", true, "a subject" },
        { "MSG a 1 r..s 0\r\n\r\n", true, "a reply subject" },
        { "MSG a 1 r.> 0\r\n\r\n", true, "a reply subject" },
        { "HMSG a 1 \u00FF 12 12\r\nNATS/1.0\r\n\r\n\r\n", true, "a reply subject" },

        // headers
        { "HMSG a 1 0 0\r\n\r\n", true, "12 bytes" },
        { "HMSG a 1 3 4\r\nabcd\r\n", true, "12 bytes" },
        { "HMSG a 1 12 12\r\nNATS/2.0\r\n\r\n\r\n", true, "NATS/1.0" },
        { "HMSG a 1 12 12\r\nnats/1.0\r\n\r\n\r\n", true, "NATS/1.0" },
        { "HMSG a 1 14 14\r\nNATS/1.00x\r\n\r\n\r\n", true, "NATS/1.0" },
        { "HMSG a 1 15 15\r\nNATS/1.0 50\r\n\r\n\r\n", true, "status" },
        { "HMSG a 1 17 17\r\nNATS/1.0 5033\r\n\r\n\r\n", true, "status" },
        { "HMSG a 1 16 16\r\nNATS/1.0 abc\r\n\r\n\r\n", true, "status" },
        { "HMSG a 1 13 13\r\nNATS/1.0 \r\n\r\n\r\n", true, "status" },
        { "HMSG a 1 12 12\r\nNATS/1.0xxxx\r\n", true, "status" },
        { "HMSG a 1 18 18\r\nNATS/1.0 503 \u0001\r\n\r\n\r\n", true, "status" },
        { "HMSG a 1 13 13\r\nNATS/1.0\r\nk:v\r\n", true, "header value" },
        { "HMSG a 1 15 15\r\nNATS/1.0\r\nk:v\r\n\r\n", true, "blank line" },
        { "HMSG a 1 14 14\r\nNATS/1.0\r\n\r\nxx\r\n", true, "blank line" },
        { "HMSG a 1 16 16\r\nNATS/1.0\r\n:v\r\n\r\n\r\n", true, "header name" },
        { "HMSG a 1 16 16\r\nNATS/1.0\r\nkv\r\n\r\n\r\n", true, "header name" },
        { "HMSG a 1 18 18\r\nNATS/1.0\r\nk :v\r\n\r\n\r\n", true, "header name" },
        { "HMSG a 1 18 18\r\nNATS/1.0\r\n k:v\r\n\r\n\r\n", true, "header name" },
        { "HMSG a 1 18 18\r\nNATS/1.0\r\n\u00C3\u00BC:v\r\n\r\n\r\n", true, "header name" },
        { "HMSG a 1 17 17\r\nNATS/1.0\r\nk:\u0000\r\n\r\n\r\n", true, "header value" },
        { "HMSG a 1 19 19\r\nNATS/1.0\r\nk:v\nx\r\n\r\n\r\n", true, "header value" },
        { "HMSG a 1 19 19\r\nNATS/1.0\r\nk:v\rx\r\n\r\n\r\n", true, "header value" },
        { "HMSG a 1 17 17\r\nNATS/1.0\r\nk:\u00FF\r\n\r\n\r\n", true, "well-formed" },
        { $"HMSG a 1 {12 + (257 * 5)} {12 + (257 * 5)}\r\nNATS/1.0\r\n{Repeated("k:v\r\n", 257)}\r\n\r\n", true, "256 headers" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_wrong_stream_is_refused_with_a_reason(string bytes, bool isOfMessage, string words)
    {
        var whole = NatsReading.Bytes(bytes);
        var reading = NatsReading.Of(whole, out var consumed);

        Assert.StartsWith($"fault {(isOfMessage ? "of message" : "of stream")}: expected ", reading);
        Assert.Contains(words, reading);
        if (isOfMessage) { Assert.Equal(whole.Length, consumed); }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void However_the_bytes_are_cut_the_fault_is_the_same(string bytes, bool isOfMessage, string words)
    {
        var whole = NatsReading.Bytes(bytes);
        var reading = NatsReading.Of(whole, out _);
        Assert.True(isOfMessage || words.Length > 0);
        for (var length = 0; length < whole.Length; length++)
        {
            var part = NatsReading.Of(whole.AsSpan(0, length), out var consumed);
            Assert.True(consumed == 0 && (part == "more" || part == reading), $"{length} bytes: {part}");
        }
    }

    [Fact]
    public void After_a_message_at_fault_the_next_one_is_read()
    {
        var stream = NatsReading.Bytes("MSG a..b 1 4\r\nPING\r\nHMSG a 1 3 4\r\nabcd\r\nMSG a 1 1\r\nx\r\n");

        var read = NatsReading.All(stream, stream.Length);

        Assert.Equal(3, read.Count);
        Assert.All(read[..2], static text => Assert.StartsWith("fault of message", text));
        Assert.Equal("Message a 1 '' [x]", read[2]);
    }

    [Fact]
    public void Limits_let_through_what_just_keeps_them()
    {
        var payload = new string('x', NatsReading.MaximumPayload);
        Assert.StartsWith("Message", NatsReading.Of(NatsReading.Bytes($"MSG a 1 1000\r\n{payload}\r\n"), out _));
        var headers = $"NATS/1.0\r\n{Repeated("k:v\r\n", 256)}\r\n";
        Assert.StartsWith("Message", NatsReading.Of(
            NatsReading.Bytes($"HMSG a 1 {headers.Length} {headers.Length}\r\n{headers}\r\n"), out _));
        var line = $"MSG {new string('x', NatsLimits.ControlLine - 10)} 1 0\r\n\r\n";
        Assert.StartsWith("Message", NatsReading.Of(NatsReading.Bytes(line), out _));
        Assert.StartsWith("fault of stream", NatsReading.Of(NatsReading.Bytes(line.Replace("xx", "xxx", StringComparison.Ordinal)), out _));
        var info = $"INFO {{\"a\":\"{new string('x', NatsLimits.Info - 15)}\"}}\r\n";
        Assert.StartsWith("Info", NatsReading.Of(NatsReading.Bytes(info), out var consumed));
        Assert.Equal(NatsLimits.Info, consumed);
    }

    [Fact]
    public void The_table_has_no_stream_twice()
    {
        Assert.True(Streams.Count >= 100, $"{Streams.Count}");
        Assert.Equal(Streams.Count, Streams.Select(static row => row.Data.Item1).Distinct().Count());
    }

    private static string Repeated(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
