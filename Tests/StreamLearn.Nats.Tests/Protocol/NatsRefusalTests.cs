using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Nats.Tests;

/// <summary>What cannot be sent is refused before a byte of it is written, and what is not refused can be read.</summary>
public sealed class NatsRefusalTests
{
    private static readonly string[] Ill = ["\u00FF", "\u0080", "\u00C3", "\u00C0\u00AF", "\u00ED\u00A0\u0080", "\u00F4\u0090\u0080\u0080"];

    private static readonly string[] Blanks = [" ", "\t", "\r", "\n", "\r\n", "\0", "\u0001", "\u001F", "\u007F"];

    private static readonly string[] Emptiness = ["", ".", "..", ".a", "a.", "a..b", "a.b."];

    /// <summary>Bytes that are no subject to publish to.</summary>
    private static readonly Gen<byte[]> NoSubjects =
        Gen.OneOf(With([.. Ill, .. Blanks, "*", ">", "..", ".*", ".>"]), Gen.Elements(Emptiness).Select(NatsReading.Bytes));

    /// <summary>Bytes that are no filter.</summary>
    private static readonly Gen<byte[]> NoFilters = Gen.OneOf(
        With([.. Ill, .. Blanks, "..", "**", "*a", "a*", "a>", ">a", ".>.", "*>"]), Gen.Elements(Emptiness).Select(NatsReading.Bytes));

    [Fact]
    public void A_message_to_what_is_no_subject_is_refused()
    {
        NatsTexts.Hold(NoSubjects, static subject =>
        {
            Assert.NotNull(NatsSubject.PublishFault(subject));
            Refused<ArgumentException>(output => NatsWriter.Publish(output, new() { Subject = subject }, 100));
            if (subject.Length == 0) { return; }
            Refused<ArgumentException>(output => NatsWriter.Publish(output, new() { Subject = "a"u8, ReplyTo = subject }, 100));
        });
    }

    [Fact]
    public void A_subscription_to_what_is_no_filter_is_refused()
    {
        NatsTexts.Hold(NoFilters, static filter =>
        {
            Assert.NotNull(NatsSubject.FilterFault(filter));
            Refused<ArgumentException>(output => NatsWriter.Subscribe(output, filter, default, 1));
        });
        NatsTexts.Hold(With([.. Ill, .. Blanks]), static group =>
            Refused<ArgumentException>(output => NatsWriter.Subscribe(output, "a"u8, group, 1)));
    }

    [Fact]
    public void A_header_that_cannot_be_read_is_refused_and_the_others_stay()
    {
        var names = Gen.OneOf(With([.. Ill, .. Blanks, ":", "\u00C3\u00BC"]), Gen.Constant<byte[]>([]));
        var values = Gen.OneOf(
            With([.. Ill, .. Blanks.Except([" ", "\t"])]), Gen.Elements(" a", "a ", "\ta", "a\t", " ", "\t").Select(NatsReading.Bytes));
        var samples =
            from name in names
            from value in values
            from headers in NatsTexts.Headers.Where(static h => h.Length < NatsLimits.HeaderCount)
            select (name, value, headers);
        NatsTexts.Hold(samples, static sample =>
        {
            var block = new ArrayBufferWriter<byte>();
            var writer = new NatsHeaderWriter(block);
            foreach (var (name, value) in sample.headers)
            {
                Assert.Equal("name", Refusal(ref writer, sample.name, NatsTexts.Utf8(value)));
                Assert.Equal("value", Refusal(ref writer, NatsTexts.Utf8(name), sample.value));
                writer.Add(NatsTexts.Utf8(name), NatsTexts.Utf8(value));
            }

            Assert.Equal("value", Refusal(ref writer, "a"u8, sample.value));
            writer.Complete();
            Assert.Equal(NatsTexts.Block(sample.headers), block.WrittenSpan);
        });
    }

    [Theory]
    [InlineData(NatsLimits.HeaderCount, 1)]
    [InlineData(1, NatsLimits.HeaderBytes - 16)]
    [InlineData(2, (NatsLimits.HeaderBytes - 22) / 2)]
    public void Headers_are_refused_once_they_are_too_many_or_too_large(int count, int length)
    {
        var block = new ArrayBufferWriter<byte>();
        var writer = new NatsHeaderWriter(block);
        var value = new byte[length - 1];
        value.AsSpan().Fill((byte)'v');
        for (var i = 0; i < count; i++) { writer.Add("n"u8, i == count - 1 ? value : [.. value, (byte)'v']); }
        var before = block.WrittenCount;

        Assert.Equal("many", Refusal(ref writer, "n"u8, count == NatsLimits.HeaderCount ? default : value));
        Assert.Equal(before, block.WrittenCount);
        writer.Complete();

        Assert.Null(NatsHeaders.FaultOf(block.WrittenSpan));
        Assert.InRange(block.WrittenCount, 0, NatsLimits.HeaderBytes);
        writer.Add("n"u8, "v"u8);               // the next block begins anew
    }

    [Fact]
    public void Headers_of_the_largest_size_pass_and_one_byte_more_is_refused()
    {
        var value = new byte[NatsLimits.HeaderBytes - "NATS/1.0\r\nn: \r\n\r\n".Length];
        value.AsSpan().Fill((byte)'v');
        var largest = NatsTexts.Block([new("n", NatsTexts.Text(value))]);
        Assert.Equal(NatsLimits.HeaderBytes, largest.Length);

        var writer = new NatsHeaderWriter(new ArrayBufferWriter<byte>());
        Assert.Equal("many", Refusal(ref writer, "nn"u8, value));
        NatsWriter.Publish(new ArrayBufferWriter<byte>(), new() { Subject = "a"u8, HeaderBlock = largest }, largest.Length);
        byte[] larger = [.. largest[..^4], (byte)'v', .. largest[^4..]];
        Assert.Null(NatsHeaders.FaultOf(larger));
        Refused<ArgumentOutOfRangeException>(output =>
            NatsWriter.Publish(output, new() { Subject = "a"u8, HeaderBlock = larger }, larger.Length));
    }

    [Fact]
    public void Headers_that_were_changed_are_refused_or_read()
    {
        var (written, refused) = (0, 0);
        var odd = Gen.Elements<byte>(0, 9, 10, 13, 32, (byte)':', (byte)'a', (byte)'5', 0x7F, 0xC3, 0xBC, 0xFF);
        var changes = (
            from at in Gen.Choose(0, 1000)
            from kind in Gen.Choose(0, 2)
            from value in odd
            select (at, kind, value)).OneTo(3);
        var samples =
            from headers in NatsTexts.Headers.Where(static h => h.Length is > 0 and < 10)
            from status in Gen.Elements("NATS/1.0", "NATS/1.0 503", "NATS/1.0 100 Idle")
            from all in changes
            select (Block: NatsReading.Bytes(status).Concat(NatsTexts.Block(headers)[8..]), Changes: all);
        NatsTexts.Hold(samples, sample =>
        {
            var block = sample.Block.ToList();
            foreach (var (at, kind, value) in sample.Changes)
            {
                if (kind == 0) { block.Insert(at % (block.Count + 1), value); }
                else if (kind == 1 && block.Count > 0) { block.RemoveAt(at % block.Count); }
                else if (block.Count > 0) { block[at % block.Count] = value; }
            }

            byte[] headers = [.. block];
            if (headers.Length > 0 && NatsHeaders.FaultOf(headers) is not null)
            {
                refused++;
                Refused<ArgumentException>(output => NatsWriter.Publish(output, new() { Subject = "a"u8, HeaderBlock = headers }, 10_000));
                return;
            }

            written++;
            var output = new ArrayBufferWriter<byte>();
            NatsWriter.Publish(output, new() { Subject = "a"u8, HeaderBlock = headers }, 10_000);
            byte[] came = [.. "HMSG a 1"u8, .. output.WrittenSpan["HPUB a".Length..]];
            Assert.Equal(NatsFrameState.Whole, NatsCutter.Next(came, 10_000, out var frame, out _, out var fault));
            Assert.True(frame.HeaderBlock.SequenceEqual(headers), fault.Text);
        });
        Assert.True(written > 100 && refused > 100, $"{written} written, {refused} refused");
    }

    [Fact]
    public void A_message_larger_than_the_server_takes_is_refused()
    {
        var samples =
            from headers in NatsTexts.Headers
            from parts in NatsTexts.Payloads.ArrayOf(2)
            let block = NatsTexts.Block(headers)
            where block.Length + parts[0].Length + parts[1].Length > 0
            select (block, parts[0], parts[1]);
        NatsTexts.Hold(samples, static sample =>
        {
            var (block, prefix, payload) = sample;
            var total = block.Length + prefix.Length + payload.Length;
            void Write(ArrayBufferWriter<byte> output, int most) => NatsWriter.Publish(
                output, new() { Subject = "a"u8, HeaderBlock = block, Prefix = prefix, Payload = new(payload) }, most);

            Write(new(), total);
            Refused<ArgumentOutOfRangeException>(output => Write(output, total - 1));
            Refused<ArgumentOutOfRangeException>(output => Write(output, 0));
        });
    }

    [Fact]
    public void Arguments_longer_than_a_server_takes_are_refused()
    {
        var samples =
            from reply in Gen.Choose(0, 3000)
            from payload in Gen.Elements(0, 9, 10, 99, 100)
            from headers in Gen.Elements("", "v", new string('v', 100))
            select (reply, payload, Block: headers.Length == 0 ? [] : NatsTexts.Block([new("n", headers)]));
        NatsTexts.Hold(samples, static sample =>
        {
            var (reply, payload, block) = sample;
            var total = payload + block.Length;
            var others = (reply == 0 ? 0 : reply + 1) + (block.Length == 0 ? 0 : $" {block.Length}".Length) + $" {total}".Length;
            void Write(ArrayBufferWriter<byte> output, int subject) => NatsWriter.Publish(output, new()
            {
                Subject = Long(subject),
                ReplyTo = Long(reply),
                HeaderBlock = block,
                Payload = new(new byte[payload]),
            }, 1000);
            var written = new ArrayBufferWriter<byte>();

            Write(written, NatsLimits.Arguments - others);

            var verb = block.Length == 0 ? "PUB ".Length : "HPUB ".Length;
            Assert.Equal(verb + NatsLimits.Arguments, written.WrittenSpan.IndexOf("\r\n"u8));
            Refused<ArgumentOutOfRangeException>(output => Write(output, NatsLimits.Arguments - others + 1));
        });
        foreach (var (group, id) in new[] { (0, 1ul), (0, ulong.MaxValue), (1, 10ul), (2000, 99ul) })
        {
            var most = NatsLimits.Arguments - $" {id}".Length - (group == 0 ? 0 : group + 1);
            var written = new ArrayBufferWriter<byte>();
            NatsWriter.Subscribe(written, Long(most), Long(group), id);
            Assert.Equal("SUB ".Length + NatsLimits.Arguments + 2, written.WrittenCount);
            Refused<ArgumentOutOfRangeException>(output => NatsWriter.Subscribe(output, Long(most + 1), Long(group), id));
        }
    }

    [Fact]
    public void No_subscription_has_the_number_0()
    {
        Refused<ArgumentOutOfRangeException>(static output => NatsWriter.Subscribe(output, "a"u8, default, 0));
        Refused<ArgumentOutOfRangeException>(static output => NatsWriter.Unsubscribe(output, 0, 1));
    }

    /// <summary>Subjects into which some of the parts, each a character a byte, were put.</summary>
    private static Gen<byte[]> With(string[] parts) =>
        from subject in NatsTexts.Subjects
        let bytes = NatsTexts.Utf8(subject)
        from part in Gen.Elements(parts)
        from at in Gen.Choose(0, bytes.Length)
        select (byte[])[.. bytes[..at], .. NatsReading.Bytes(part), .. bytes[at..]];

    private static void Refused<T>(Action<ArrayBufferWriter<byte>> write)
        where T : Exception
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("before"u8);
        Assert.Throws<T>(() => write(output));
        Assert.Equal("before"u8, output.WrittenSpan);
    }

    /// <summary>Why a header is refused: its name, its value, or because there are too many; empty: it is not.</summary>
    private static string Refusal(ref NatsHeaderWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        try
        {
            writer.Add(name, value);
            return "";
        }
        catch (ArgumentException e)
        {
            return e.ParamName ?? "";
        }
        catch (InvalidOperationException)
        {
            return "many";
        }
    }

    private static byte[] Long(int length)
    {
        var text = new byte[length];
        text.AsSpan().Fill((byte)'x');
        return text;
    }
}
