using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;

namespace StreamLearn.Nats.Tests;

/// <summary>What is written comes back, whatever is in it, and two things that differ are never written the same.</summary>
public sealed class NatsRoundTripTests
{
    [Fact]
    public void Messages_come_back_however_their_bytes_are_cut()
    {
        var publications =
            from subject in NatsTexts.Subjects
            from reply in Gen.Frequency((1, Gen.Constant("")), (1, NatsTexts.Subjects))
            from headers in NatsTexts.Headers
            from parts in NatsTexts.Payloads.ArrayOf(3)
            from id in Gen.Elements(1ul, 9ul, 10ul, ulong.MaxValue)
            select new Publication(subject, reply, headers, parts[0], parts[1], parts[2], id);
        var streams =
            from messages in publications.OneTo(8)
            from cuts in Gen.Frequency((1, Gen.Constant(1)), (4, Gen.Choose(1, 40)), (4, Gen.Choose(1, 4000))).NonEmptyListOf()
            select (messages, cuts);

        NatsTexts.Hold(streams, static stream =>
        {
            var (messages, cuts) = stream;
            var bytes = new List<byte>();
            foreach (var message in messages)
            {
                bytes.AddRange(message.PassedOn());
                bytes.AddRange("PING\r\n"u8);
            }

            Assert.Equal(messages.SelectMany(static m => (string[])[m.ToString(), "Ping"]), Read([.. bytes], cuts));
        });
    }

    [Fact]
    public void Headers_come_back_in_their_order()
    {
        NatsTexts.Hold(NatsTexts.Headers.Where(static h => h.Length > 0), static headers =>
        {
            var block = NatsTexts.Block(headers);

            Assert.Null(NatsHeaders.FaultOf(block));
            var read = new NatsHeaders(block);
            Assert.Equal((0, ""), (read.Status, NatsTexts.Text(read.Description)));
            var came = new List<KeyValuePair<string, string>>();
            foreach (var header in read) { came.Add(new(NatsTexts.Text(header.Name), NatsTexts.Text(header.Value))); }
            Assert.Equal(headers, came);
            foreach (var name in headers.Select(static h => h.Key).Distinct())
            {
                Assert.True(read.TryFind(NatsTexts.Utf8(name), out var value));
                Assert.Equal(headers.First(h => h.Key == name).Value, NatsTexts.Text(value));
                Assert.False(read.TryFind(NatsTexts.Utf8(name + "?"), out _));
            }
        });
    }

    [Fact]
    public void Topics_and_filters_come_back_from_their_subjects() => NatsTexts.Hold(NatsTexts.Filters, static topic =>
    {
        var subject = NatsTexts.Utf8(NatsTopic.ToSubject(topic));

        Assert.Null(topic.IsFilter ? NatsSubject.FilterFault(subject) : NatsSubject.PublishFault(subject));
        Assert.True(NatsTopic.TryToTopic(subject, out var back));
        Assert.Equal(topic, back);
    });

    [Fact]
    public void A_subject_has_at_most_one_topic_and_that_topic_no_other_subject()
    {
        var (with, without) = (0, 0);
        var odd = Gen.Elements(NatsReading.Bytes("\0\u0001a.%2e*>#\u00C3\u00FF"));
        var changed =
            from filter in NatsTexts.Filters
            let subject = NatsTexts.Utf8(NatsTopic.ToSubject(filter))
            from at in Gen.Choose(0, subject.Length - 1)
            from value in odd
            select (byte[])[.. subject[..at], value, .. subject[(at + 1)..]];
        NatsTexts.Hold(Gen.OneOf(NatsTexts.Subjects.Select(NatsTexts.Utf8), odd.ArrayOf(), changed), subject =>
        {
            if (!NatsTopic.TryToTopic(subject, out var topic))
            {
                without++;
                Assert.Equal(default, topic);
                return;
            }

            with++;
            Assert.Equal(NatsTexts.Text(subject), NatsTopic.ToSubject(topic));
        });
        Assert.True(with > 100 && without > 100, $"{with} with, {without} without");
    }

    [Fact]
    public void Properties_come_back()
    {
        var samples =
            from user in (from name in NatsTexts.Texts from value in NatsTexts.Texts select new KeyValuePair<string, string>(name, value))
                .ArrayOf()
            from type in Gen.Frequency((1, Gen.Constant<string?>(null)), (2, NatsTexts.Texts.Select(static t => (string?)t)))
            from response in Gen.Frequency((1, Gen.Constant<string?>(null)), (2, NatsTexts.Topics.Select(static t => (string?)t.Value)))
            from correlation in NatsTexts.Payloads
            select new MessageProperties
            {
                User = [.. user],
                ContentType = type,
                ResponseTopic = response,
                CorrelationData = correlation,
            };

        NatsTexts.Hold(samples, static properties =>
        {
            var block = new ArrayBufferWriter<byte>();
            NatsProperties.Write(properties, block);
            var reply = properties.ResponseTopic is { } topic ? NatsTexts.Utf8(NatsTopic.ToSubject(topic)) : [];

            if (block.WrittenCount > 0) { Assert.Null(NatsHeaders.FaultOf(block.WrittenSpan)); }
            Assert.True(NatsProperties.TryRead(block.WrittenSpan, reply, out var back));
            Assert.Equal(properties, back ?? new());
        });
    }

    [Fact]
    public void Headers_of_others_are_read_or_refused_and_never_more_than_that()
    {
        var (read, refused) = (0, 0);
        var names = Gen.OneOf(NatsTexts.Names, Gen.Elements("Content-Type", "Correlation-Data", "%", "%00", "%C3", "%23"));
        var values = Gen.OneOf(NatsTexts.Values, Gen.Elements("AAA=", "AAA", "%", "%00", "%FF", "%2", "%25"));
        var samples =
            from headers in (from name in names from value in values select new KeyValuePair<string, string>(name, value)).ArrayOf()
            from reply in Gen.Frequency((1, Gen.Constant("")), (1, NatsTexts.Subjects))
            select (headers, reply);
        NatsTexts.Hold(samples, sample =>
        {
            if (!NatsProperties.TryRead(NatsTexts.Block(sample.headers), NatsTexts.Utf8(sample.reply), out var properties))
            {
                refused++;
                return;
            }

            read++;
            var own = sample.headers.Count(static h => h.Key is not ("Content-Type" or "Correlation-Data" or "KV-Operation")
                && !h.Key.StartsWith("Nats-", StringComparison.Ordinal));
            Assert.Equal(own, properties?.User.Length ?? 0);
        });
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%2", "%2")]
    [InlineData("%FF", "%FF")]
    [InlineData("100 %", "100 %")]
    [InlineData("%25", "%")]
    [InlineData("%41", "A")]
    public void A_percent_sign_of_others_that_begins_nothing_stays(string value, string read)
    {
        Assert.True(NatsProperties.TryRead(NatsTexts.Block([new("name", value)]), default, out var properties));
        Assert.Equal(read, properties?["name"]);
    }

    [Fact]
    public void Filters_take_as_subjects_what_they_take_as_topics()
    {
        var matched = 0;
        var levels = Gen.Elements("a", "b", "", "p.q", "$x", "a ").NonEmptyListOf();
        var samples =
            from topic in levels.Select(static l => string.Join('/', l))
            from wild in Gen.Frequency((2, Gen.Constant("")), (2, Gen.Constant("+")), (1, Gen.Constant("x"))).ListOf(8)
            from end in Gen.Choose(0, 9)
            where topic.Length > 0
            select (Topic: new Topic(topic), Filter: FilterOf(topic, wild, end));
        NatsTexts.Hold(samples, sample =>
        {
            var (topic, filter) = sample;
            var subject = NatsTexts.Utf8(NatsTopic.ToSubject(topic));
            var (first, second) = NatsTopic.Subscription(filter);

            var byFirst = NatsSubject.Matches(NatsTexts.Utf8(first), subject);
            var bySecond = second is not null && NatsSubject.Matches(NatsTexts.Utf8(second), subject);

            Assert.False(byFirst && bySecond);          // it comes once
            var isServers = filter.Value[0] is '+' or '#' && topic.Value[0] == '$';
            Assert.Equal(filter.Matches(topic), (byFirst || bySecond) && !isServers);
            matched += byFirst || bySecond ? 1 : 0;
        });
        Assert.True(matched > 500, $"{matched} matched");
    }

    [Fact]
    public void What_a_client_says_of_itself_is_one_line_that_a_reader_of_json_understands()
    {
        var texts = Gen.Frequency((1, Gen.Constant<string?>(null)), (3, NatsTexts.Texts.Select(static t => (string?)t)));
        NatsTexts.Hold(texts.ArrayOf(4), static said =>
        {
            var output = new ArrayBufferWriter<byte>();
            new NatsConnect { User = said[0], Password = said[1], Token = said[2], Name = said[3] }.Write(output);

            var line = output.WrittenSpan;
            Assert.True(line.StartsWith("CONNECT {"u8) && line.EndsWith("}\r\n"u8));
            Assert.True(line[..^2].IndexOfAny(NatsBytes.Controls) < 0);
            using var json = JsonDocument.Parse(line["CONNECT ".Length..].ToArray());
            Assert.Equal(said, new[] { "user", "pass", "auth_token", "name" }
                .Select(name => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null));
        });
    }

    /// <summary>A topic's filter: some levels made wildcards or other levels, the end cut off, left as it is or made <c>#</c>.</summary>
    private static Topic FilterOf(string topic, List<string> wild, int end)
    {
        var levels = topic.Split('/').Select((level, i) => i < wild.Count && wild[i].Length > 0 ? wild[i] : level).ToList();
        if (end < levels.Count) { levels.RemoveRange(end, levels.Count - end); }
        if (end % 2 == 0 || levels.Count == 0) { levels.Add("#"); }
        var filter = string.Join('/', levels);
        return filter.Length == 0 ? "+" : filter;
    }

    /// <summary>What the reader makes of bytes that come piece by piece.</summary>
    private static List<string> Read(byte[] bytes, List<int> pieces)
    {
        var (read, start, end) = (new List<string>(), 0, 0);
        for (var i = 0; start < bytes.Length; i++)
        {
            end = Math.Min(bytes.Length, end + pieces[i % pieces.Count]);
            while (true)
            {
                var state = NatsCutter.Next(bytes.AsSpan(start, end - start), 20_000, out var frame, out var consumed, out var fault);
                if (state == NatsFrameState.Fault) { return [.. read, fault.Text]; }
                if (state == NatsFrameState.More) { break; }
                read.Add(frame.Operation == NatsOperation.Message ? TextOf(frame) : $"{frame.Operation}");
                start += consumed;
            }

            if (end == bytes.Length && start < end) { return [.. read, $"{end - start} left"]; }
        }

        return read;
    }

    private static string TextOf(in NatsFrame frame)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var header in frame.Headers) { headers.Add(new(NatsTexts.Text(header.Name), NatsTexts.Text(header.Value))); }
        return TextOf(NatsTexts.Text(frame.Subject), NatsTexts.Text(frame.ReplyTo), frame.SubscriptionId, headers, frame.Payload);
    }

    private static string TextOf(
        string subject, string reply, ulong id, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{subject} {id} '{reply}' ");
        foreach (var (name, value) in headers) { text.Append(CultureInfo.InvariantCulture, $"{name}={value};"); }
        return text.Append(Convert.ToHexString(payload)).ToString();
    }

    private sealed record Publication(
        string Subject, string Reply, KeyValuePair<string, string>[] Headers, byte[] Prefix, byte[] First, byte[] Second, ulong Id)
    {
        /// <summary>What the writer writes, as a server passes it on: under its own name, with the subscription's id.</summary>
        internal byte[] PassedOn()
        {
            var output = new ArrayBufferWriter<byte>();
            var first = new Segment(First, null);
            var block = NatsTexts.Block(Headers);
            NatsWriter.Publish(output, new()
            {
                Subject = NatsTexts.Utf8(Subject),
                ReplyTo = NatsTexts.Utf8(Reply),
                HeaderBlock = block,
                Prefix = Prefix,
                Payload = new(first, 0, new Segment(Second, first), Second.Length),
            }, block.Length + Prefix.Length + First.Length + Second.Length);
            var line = output.WrittenSpan.IndexOf("\r\n"u8);
            var fields = Encoding.Latin1.GetString(output.WrittenSpan[..line]).Split(' ');
            fields[0] = fields[0] switch { "PUB" => "MSG", "HPUB" => "HMSG", var other => other };
            fields[1] = $"{fields[1]} {Id}";
            return [.. NatsReading.Bytes(string.Join(' ', fields)), .. output.WrittenSpan[line..]];
        }

        public override string ToString() => TextOf(Subject, Reply, Id, Headers, [.. Prefix, .. First, .. Second]);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is null) { return; }
            before.Next = this;
            RunningIndex = before.Memory.Length;
        }
    }
}
