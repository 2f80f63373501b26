using System.Buffers;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>The real server, in its pedantic mode, beside the library's writer and reader: what the one writes the other takes, and what
/// the one refuses the other refuses, but for a list.</summary>
public sealed class NatsAgreementTests
{
    private static readonly RealNatsOptions Options = new() { More = [$"max_payload: {PlainNats.MaximumPayload}"] };

    private static readonly Gen<string> Tokens = Gen.Elements("a", "b", "ü", "%2E", "$x");

    /// <summary>What the writer refuses and the server, too: kind, parts, what the server answers, and what a subscriber to all gets.
    /// </summary>
    public static TheoryData<string, string, string, string, string> RefusedByBoth => new()
    {
        { "PUB", "a..b", "", "Error Invalid Publish Subject", "" },
        { "PUB", ".a", "", "Error Invalid Publish Subject", "" },
        { "PUB", "a.", "", "Error Invalid Publish Subject", "" },
        { "PUB", ".", "", "Error Invalid Publish Subject", "" },
        { "PUB", "", "", "closed", "" },
        { "PUB", " ", "", "closed", "" },
        { "PUB", "a b c", "", "closed", "" },
        { "PUB", "a\nb", "", "closed", "" },
        { "PUB", "a\r\nb", "", "closed", "" },
        { "PUB", "a", "r s", "closed", "" },
        { "PUB", $"{Long(4095)}", "", "Error maximum control line exceeded; closed", "" },
        { "PUB", "a", $"{Long(4093)}", "Error maximum control line exceeded; closed", "" },
        { "SIZE", "100001", "", "Error Maximum Payload Violation; closed", "" },
        { "SUB", "a..b", "", "Error Invalid Subject", "" },
        { "SUB", ".a", "", "Error Invalid Subject", "" },
        { "SUB", "a.", "", "Error Invalid Subject", "" },
        { "SUB", "a.>.b", "", "Error Invalid Subject", "" },
        { "SUB", "", "", "closed", "" },
        { "SUB", "a b c", "", "closed", "" },
        { "SUB", "a", "g h", "closed", "" },
        { "SUB", $"{Long(4095)}", "", "Error maximum control line exceeded; closed", "" },
    };

    /// <summary>What the writer refuses although the server takes it, with the same columns. The library's own reader refuses what comes of
    /// it, or takes it for something else.</summary>
    public static TheoryData<string, string, string, string, string> RefusedByTheWriterAlone => new()
    {
        { "PUB", "a.*", "", "Error Invalid Publish Subject", "a subject" },        // an error, and delivered all the same
        { "PUB", "a.>", "", "Error Invalid Publish Subject", "a subject" },
        { "PUB", "a*b", "", "", "a subject" },
        { "PUB", "a>", "", "", "a subject" },
        { "PUB", "a\u0001", "", "", "a subject" },
        { "PUB", "a\u0000b", "", "", "a subject" },
        { "PUB", "a\u007F", "", "", "a subject" },
        { "PUB", "a\rb", "", "", "a subject" },
        { "PUB", "\u00FF", "", "", "a subject" },
        { "PUB", "\u00C0\u00AF", "", "", "a subject" },
        { "PUB", "\u00ED\u00A0\u0080", "", "", "a subject" },
        { "PUB", "a b", "", "", "Message a 1 'b' [x]" },                            // the rest becomes the reply subject
        { "PUB", "a", "r..s", "", "a reply subject" },
        { "PUB", "a", "r.*", "", "a reply subject" },
        { "PUB", "a", "r\u0001", "", "a reply subject" },
        { "PUB", "a", "\u00FF", "", "a reply subject" },
        { "HPUB", "NATS/2.0\r\n\r\n", "", "", "NATS/1.0" },
        { "HPUB", "abcdefghijkl", "", "", "NATS/1.0" },
        { "HPUB", "NATS/1.0", "", "", "12 bytes" },
        { "HPUB", "NATS/1.0 50\r\n\r\n", "", "", "status" },
        { "HPUB", "NATS/1.0\r\nk:v\r\n", "", "", "blank line" },
        { "HPUB", "NATS/1.0\r\n\r\nzz", "", "", "blank line" },
        { "HPUB", "NATS/1.0\r\n:v\r\n\r\n", "", "", "header name" },
        { "HPUB", "NATS/1.0\r\nk :v\r\n\r\n", "", "", "header name" },
        { "HPUB", "NATS/1.0\r\nk:v\nx:y\r\n\r\n", "", "", "header value" },
        { "HPUB", "NATS/1.0\r\nk:\u0000\r\n\r\n", "", "", "header value" },
        { "HPUB", "NATS/1.0\r\nk:\u00FF\r\n\r\n", "", "", "well-formed" },
        { "HPUB", $"NATS/1.0\r\n{string.Concat(Enumerable.Repeat("k:\r\n", 257))}\r\n", "", "", "256 headers" },
        { "SUB", "a*", "", "", "" },            // a filter whose wildcard is none
        { "SUB", "a>", "", "", "" },
        { "SUB", "a.**", "", "", "" },
        { "SUB", "a\u0001", "", "", "" },
        { "SUB", "\u00FF", "", "", "" },
        { "SUB", "a", "g\u0001", "", "" },
        { "SUB", "a", "\u00FF", "", "" },
        { "SUB", "a b", "", "", "" },           // the rest becomes the queue group
    };

    [Fact]
    public async Task What_the_writer_writes_the_server_takes_in_any_case_and_with_any_blanks()
    {
        await using var server = await RealNats.StartAsync(Options);
        await using var client = await PlainNats.OpenAsync(server, isPedantic: true);
        var subjects = Gen.OneOf(Tokens.OneTo(3).Select(static t => string.Join('.', t)), NatsTexts.Subjects);
        var filters =
            from tokens in Gen.Frequency((3, Tokens), (2, Gen.Constant("*"))).OneTo(3)
            from end in Gen.Elements("", ".>")
            from isAll in Gen.Choose(0, 5)
            select isAll == 0 ? ">" : string.Join('.', tokens) + end;
        var operations =
            from kind in Gen.Elements("SUB", "SUB", "PUB", "PUB", "PUB", "PUB", "UNSUB", "PING")
            from subject in subjects
            from reply in Gen.Frequency((2, Gen.Constant("")), (1, subjects))
            from filter in filters
            from headers in NatsTexts.Headers.Where(static h => h.Length < 6)
            from payload in NatsTexts.Payloads
            from number in Gen.Choose(0, 9)
            from odd in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Choose(1, int.MaxValue)))
            select new Operation(kind, subject, reply, filter, headers, payload[..Math.Min(400, payload.Length)], number, odd);
        var model = new Model();
        var came = 0;
        foreach (var sample in operations.OneTo(40).Sample(LongForm.IsAsked ? 10_000 : 300, new Rnd(20260116, 3), 50))
        {
            var bytes = new List<byte>();
            foreach (var operation in sample) { bytes.AddRange(operation.Bytes(model)); }
            bytes.AddRange(model.End());

            var read = await client.SayAsync([.. bytes], sample.Count(static o => o.Kind == "PING"));

            read.RemoveAll(static text => text.Contains(" status=503: []", StringComparison.Ordinal));     // nobody to answer
            came += read.Count;
            Assert.Equal(BySubscription(model.Expected()), BySubscription(read));
        }

        Assert.True(came > 1000, $"{came} came");
    }

    [Theory]
    [MemberData(nameof(RefusedByBoth))]
    [MemberData(nameof(RefusedByTheWriterAlone))]
    public async Task What_the_writer_refuses_the_server_answers_so(
        string kind, string first, string second, string answer, string delivered)
    {
        await using var server = await RealNats.StartAsync(Options);
        await using var all = await PlainNats.OpenAsync(server, isPedantic: false);
        Assert.Empty(await all.SayAsync("SUB > 1\r\n"u8.ToArray()));
        var output = new ArrayBufferWriter<byte>();
        Assert.ThrowsAny<ArgumentException>(() => Write(output, kind, NatsReading.Bytes(first), NatsReading.Bytes(second)));
        Assert.Equal(0, output.WrittenCount);

        await using var client = await PlainNats.OpenAsync(server, isPedantic: true);
        var answers = await client.SayAsync(NatsReading.Bytes(Raw(kind, first, second)));
        var read = await all.SayAsync([]);

        // a connection that is reset may lose what the server said last
        if (answers is ["closed"]) { Assert.EndsWith("closed", answer, StringComparison.Ordinal); }
        else { Assert.Equal(answer, string.Join("; ", answers)); }
        if (delivered.Length == 0) { Assert.Empty(read); }
        else { Assert.Contains(delivered, Assert.Single(read), StringComparison.Ordinal); }
    }

    [Fact]
    public async Task Whatever_a_stranger_publishes_a_reader_of_all_stays_connected()
    {
        await using var server = await RealNats.StartAsync(Options);
        await using var reader = new NatsConnection(new() { Servers = [server.Uri] }, TimeProvider.System);
        var all = reader.Subscribe(">"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropOldest));
        await ScriptedNats.UntilAsync(() => reader.Counters.Connects == 1);
        var bytes = Gen.Frequency(
            (6, Gen.Elements((byte)'a', (byte)'.', (byte)'0', (byte)'1', (byte)'%')),
            (1, Gen.Elements((byte)' ', (byte)'\t', (byte)'\r', (byte)'*', (byte)'>', (byte)0, (byte)0xFF, (byte)0xC3, (byte)0x0B)));
        var samples =
            from subject in bytes.OneTo(8)
            from reply in bytes.ArrayOf(3)
            from hasReply in Gen.Elements(false, true)
            from headers in NatsTexts.Headers.Where(static h => h.Length < 4)
            from at in Gen.Choose(0, 20)
            from value in bytes
            from zeros in Gen.Choose(0, 6)
            select Stranger(subject, hasReply ? reply : [], NatsTexts.Block(headers), at, value, new string('0', zeros));
        var (taken, closed) = (0, 0);
        var stranger = await PlainNats.OpenAsync(server, isPedantic: false);
        foreach (var sample in samples.Sample(LongForm.IsAsked ? 20_000 : 1000, new Rnd(20260117, 5), 50))
        {
            var answers = await stranger.SayAsync(sample);
            taken += answers.Count == 0 ? 1 : 0;
            if (answers is not [.., "closed"]) { continue; }
            closed++;
            await stranger.DisposeAsync();
            stranger = await PlainNats.OpenAsync(server, isPedantic: false);
        }

        await stranger.SayAsync("PUB end 1\r\nx\r\n"u8.ToArray());
        await stranger.DisposeAsync();
        var last = new NatsMessage[10];
        await ScriptedNats.UntilAsync(() => reader.Counters.Losses > 0
            || (all.Take(last) is > 0 and var count && last[count - 1].Topic.Value == "end"));

        Assert.Equal((1, 0), (reader.Counters.Connects, reader.Counters.Losses));
        Assert.True(taken > 100 && closed > 10 && reader.Counters.Malformed > 100, $"{taken}, {closed}, {reader.Counters.Malformed}");
    }

    [Fact]
    public async Task A_message_of_a_stream_with_the_longest_subject_is_read()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var client = await PlainNats.OpenAsync(server, isPedantic: true);
        var (stream, consumer, subject) = (Long(255), new string('c', 255), $"x.{Long(4000)}");
        await client.SayAsync("SUB answers 1\r\nSUB rows 2\r\n"u8.ToArray());
        await AskAsync($"STREAM.CREATE.{stream}", $$"""{"name":"{{stream}}","subjects":["x.>"]}""");
        await AskAsync($"CONSUMER.DURABLE.CREATE.{stream}.{consumer}",
            $$$"""{"stream_name":"{{{stream}}}","config":{"durable_name":"{{{consumer}}}","ack_policy":"explicit"}}""");
        await client.SayAsync(NatsReading.Bytes($"PUB {subject} 1\r\nx\r\n"));

        var came = await client.SayAsync(NatsReading.Bytes($"PUB $JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer} rows 1\r\n1\r\n"));
        while (came.Count == 0) { came = await client.SayAsync([]); }

        Assert.StartsWith($"Message {subject} 2 '$JS.ACK.{stream}.{consumer}.1.1.1.", Assert.Single(came), StringComparison.Ordinal);

        async Task AskAsync(string what, string json)
        {
            var answers = await client.SayAsync(NatsReading.Bytes($"PUB $JS.API.{what} answers {json.Length}\r\n{json}\r\n"));
            while (answers.Count == 0) { answers = await client.SayAsync([]); }
            Assert.DoesNotContain("\"error\"", Assert.Single(answers), StringComparison.Ordinal);
        }
    }

    private static void Write(ArrayBufferWriter<byte> output, string kind, byte[] first, byte[] second)
    {
        switch (kind)
        {
            case "SUB": NatsWriter.Subscribe(output, first, second, 2); break;
            case "SIZE": Publish("a"u8, default, default, new byte[int.Parse(first, CultureInfo.InvariantCulture)]); break;
            case "HPUB": Publish("a"u8, default, first, "x"u8); break;
            default: Publish(first, second, default, "x"u8); break;
        }

        void Publish(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> reply, ReadOnlySpan<byte> block, ReadOnlySpan<byte> payload) =>
            NatsWriter.Publish(
                output,
                new() { Subject = subject, ReplyTo = reply, HeaderBlock = block, Payload = new(payload.ToArray()) },
                PlainNats.MaximumPayload);
    }

    private static string Raw(string kind, string first, string second) => kind switch
    {
        "SUB" => $"SUB {first} {second} 2\r\n",
        "SIZE" => $"PUB a {first}\r\n",
        "HPUB" => $"HPUB a {first.Length} {first.Length + 1}\r\n{first}x\r\n",
        _ => $"PUB {first} {second} 1\r\nx\r\n",
    };

    private static byte[] Stranger(byte[] subject, byte[] reply, byte[] block, int at, byte value, string zeros)
    {
        if (block.Length > 0) { block[at % block.Length] = value; }
        var sizes = block.Length == 0 ? $"{zeros}1" : $"{zeros}{block.Length} {zeros}{block.Length + 1}";
        byte[] verb = block.Length == 0 ? [.. "PUB "u8] : [.. "HPUB "u8];
        return [.. verb, .. subject, (byte)' ', .. reply, (byte)' ', .. NatsReading.Bytes(sizes), .. "\r\n"u8, .. block, .. "x\r\n"u8];
    }

    private static string Long(int length) => new('x', length);

    /// <summary>Messages in their order, apart for each subscription.</summary>
    private static SortedDictionary<string, string> BySubscription(IEnumerable<string> read) =>
        new(read.GroupBy(static text => text.Split(' ') is [_, _, var id, ..] ? id : text)
            .ToDictionary(static g => g.Key, static g => string.Join('\n', g)), StringComparer.Ordinal);

    private sealed record Operation(
        string Kind, string Subject, string Reply, string Filter, KeyValuePair<string, string>[] Headers, byte[] Payload, int Number,
        int Odd)
    {
        /// <summary>What the writer writes, perhaps in another case and with other blanks; the model follows.</summary>
        internal byte[] Bytes(Model model)
        {
            var output = new ArrayBufferWriter<byte>();
            var block = NatsTexts.Block(Headers);
            switch (Kind)
            {
                case "SUB":
                    var id = model.Subscribe(Filter);
                    NatsWriter.Subscribe(output, NatsTexts.Utf8(Filter), Number < 3 ? NatsTexts.Utf8($"ü>{id}") : default, id);
                    break;
                case "UNSUB":
                    NatsWriter.Unsubscribe(output, model.Unsubscribe(Number), (ulong)Number);
                    break;
                case "PING":
                    NatsWriter.Ping(output);
                    break;
                default:
                    model.Publish(Subject, Reply, Headers, Payload);
                    NatsWriter.Publish(output, new()
                    {
                        Subject = NatsTexts.Utf8(Subject),
                        ReplyTo = NatsTexts.Utf8(Reply),
                        HeaderBlock = block,
                        Payload = new(Payload),
                    }, PlainNats.MaximumPayload);
                    break;
            }

            return Odd == 0 ? output.WrittenSpan.ToArray() : OddOf(output.WrittenSpan);
        }

        private byte[] OddOf(ReadOnlySpan<byte> bytes)
        {
            var random = new RandomStream(Odd, "odd");
            var end = bytes.IndexOf("\r\n"u8);
            var verb = bytes.IndexOfAny((byte)' ', (byte)'\r');
            var line = new List<byte>();
            for (var i = 0; i < end; i++)
            {
                if (i < verb && random.NextInt32(2) == 0) { line.Add((byte)(bytes[i] | 0x20)); }
                else if (bytes[i] == ' ') { Blanks(line, random, least: 1); }
                else { line.Add(bytes[i]); }
            }

            Blanks(line, random, least: 0);
            if (random.NextInt32(4) > 0) { line.Add((byte)'\r'); }
            return [.. line, .. bytes[(end + 1)..]];
        }

        private static void Blanks(List<byte> line, RandomStream random, int least)
        {
            for (var count = least + random.NextInt32(3); count > 0; count--) { line.Add((byte)" \t"[random.NextInt32(2)]); }
        }
    }

    /// <summary>Who subscribes to what, and what must have come.</summary>
    private sealed class Model
    {
        private readonly List<(ulong Id, string Filter, ulong Came, ulong Most)> _subscriptions = [];
        private readonly List<string> _expected = [];
        private ulong _last;

        internal ulong Subscribe(string filter)
        {
            _subscriptions.Add((++_last, filter, 0, 0));
            return _last;
        }

        /// <summary>Ends a subscription after a number of messages, or at once; one that has ended where there is none.</summary>
        internal ulong Unsubscribe(int number)
        {
            if (_subscriptions.Count == 0) { return _last + 1; }
            var at = number % _subscriptions.Count;
            var (id, filter, came, _) = _subscriptions[at];
            if ((ulong)number > came) { _subscriptions[at] = (id, filter, came, (ulong)number); }
            else { _subscriptions.RemoveAt(at); }
            return id;
        }

        internal void Publish(string subject, string reply, KeyValuePair<string, string>[] headers, byte[] payload)
        {
            for (var i = _subscriptions.Count - 1; i >= 0; i--)
            {
                var (id, filter, came, most) = _subscriptions[i];
                if (!NatsSubject.Matches(NatsTexts.Utf8(filter), NatsTexts.Utf8(subject))) { continue; }
                var fields = string.Concat(headers.Select(static h => $" {h.Key}={h.Value};"));
                _expected.Add($"Message {subject} {id} '{reply}'{(headers.Length > 0 ? $" status=0:{fields}" : "")} "
                    + $"[{Encoding.Latin1.GetString(payload)}]");
                if (most == came + 1) { _subscriptions.RemoveAt(i); }
                else { _subscriptions[i] = (id, filter, came + 1, most); }
            }
        }

        /// <summary>Ends all subscriptions.</summary>
        internal byte[] End()
        {
            var output = new ArrayBufferWriter<byte>();
            foreach (var subscription in _subscriptions) { NatsWriter.Unsubscribe(output, subscription.Id, 0); }
            _subscriptions.Clear();
            return output.WrittenSpan.ToArray();
        }

        internal List<string> Expected()
        {
            List<string> expected = [.. _expected];
            _expected.Clear();
            return expected;
        }
    }
}
