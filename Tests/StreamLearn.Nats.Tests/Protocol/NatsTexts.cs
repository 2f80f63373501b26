using System.Text;
using FsCheck;
using FsCheck.Fluent;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>What properties of the protocol are held to: subjects, headers, texts and bytes, odd ones above all.</summary>
internal static class NatsTexts
{
    /// <summary>Any bytes; often some that a protocol means something by.</summary>
    internal static readonly Gen<byte[]> Payloads = Gen.Frequency(
        (3, Gen.Choose(0, 255).Select(static b => (byte)b).ArrayOf()),
        (3, Gen.Elements("\r\n", "\n", "MSG a 1 0\r\n\r\n", "PING\r\n", "NATS/1.0\r\n\r\n", "\0", "x", "").ArrayOf()
            .Select(static parts => NatsReading.Bytes(string.Concat(parts)))),
        (1, Gen.Choose(0, 1000).Select(static n => Enumerable.Range(0, n).Select(i => (byte)((i * 31) + n)).ToArray())));

    /// <summary>Texts that a topic or a property can have.</summary>
    internal static readonly Gen<string> Texts = Gen.Frequency(
        (9, Gen.Elements(
            "a", "b", ".", " ", "\t", "*", ">", "%", "%2E", "%25", "%00", "\u0001", "\u0085", "\u007F", "\r\n", ":", "ü", "€", "\U0001F600",
            "\uFFFF", "\uFEFF", "\u202E", "\u2028", "$", "{x}", "\"", "=", "\u00A0", "Content-Type", "Correlation-Data", "Nats-TTL",
            "KV-Operation")),
        (1, Gen.Choose(1, 0x10FFFF).Where(Rune.IsValid).Select(static value => new Rune(value).ToString())))
        .ArrayOf().Select(static parts => string.Concat(parts));

    /// <summary>Topics and filters, any.</summary>
    internal static readonly Gen<Topic> Filters =
        from levels in Gen.Frequency((4, Texts.Select(NoLevels)), (1, Gen.Constant("+"))).NonEmptyListOf()
        from isOpen in Gen.Choose(0, 4)
        let text = string.Join('/', levels) + (isOpen == 0 ? "/#" : "")
        select new Topic(text.Length == 0 ? "/" : text);

    /// <summary>Topics that one can publish to.</summary>
    internal static readonly Gen<Topic> Topics = Filters.Where(static filter => !filter.IsFilter);

    /// <summary>Subjects that one can publish to; not all have a topic.</summary>
    internal static readonly Gen<string> Subjects = Gen.Frequency(
        (3, Gen.Elements("a", "b", "_INBOX", "$JS", "0", "ü", "€", "\U0001F600", "-", "%2E", "%25", "{}", ":", "\u2028", "\"", "\\")),
        (1, Gen.Elements(
            "%", "%2e", "%23", "%2B", "%2F", "%00", "%41", "%FF", "%C3%28", "%ED%A0%80", "%F0%9F%98%80", "/", "+", "#", "\u0085")))
        .OneTo(3).Select(static token => string.Concat(token)).OneTo(4).Select(static tokens => string.Join('.', tokens));

    /// <summary>Names of headers.</summary>
    internal static readonly Gen<string> Names = Gen.Elements("a", "A", "Nats-Msg-Id", "-", "%", "0", "!", "~", "\"", "(", "/")
        .NonEmptyListOf().Select(static parts => string.Concat(parts));

    /// <summary>Values of headers.</summary>
    internal static readonly Gen<string> Values = Gen
        .Elements("a", " ", "\t", ":", "ü", "€", "\U0001F600", "%", "\u2028", "\u0085", "\u00A0")
        .ArrayOf().Select(static parts => string.Concat(parts).Trim(' ', '\t'));

    /// <summary>Headers, up to as many as a message may have.</summary>
    internal static readonly Gen<KeyValuePair<string, string>[]> Headers =
        from count in Gen.Frequency((5, Gen.Constant(0)), (20, Gen.Choose(1, 5)), (1, Gen.Elements(NatsLimits.HeaderCount)))
        from headers in (from name in Names from value in Values select new KeyValuePair<string, string>(name, value)).ArrayOf(count)
        select headers;

    /// <summary>Holds a promise to many samples, the same in each run.</summary>
    internal static void Hold<T>(Gen<T> samples, Action<T> promise) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(LongForm.IsAsked ? 100_000 : 2000).WithReplay(20260115, 9),
        Prop.ForAll(samples.ToArbitrary(), promise));

    /// <summary>A header block; empty without headers.</summary>
    internal static byte[] Block(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var block = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new NatsHeaderWriter(block);
        foreach (var (name, value) in headers) { writer.Add(Utf8(name), Utf8(value)); }
        writer.Complete();
        return block.WrittenSpan.ToArray();
    }

    /// <summary>One to some of what is generated.</summary>
    internal static Gen<T[]> OneTo<T>(this Gen<T> gen, int most) =>
        from count in Gen.Choose(1, most)
        from all in gen.ArrayOf(count)
        select all;

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string NoLevels(string text) => text.Replace("/", "", StringComparison.Ordinal)
        .Replace("+", "", StringComparison.Ordinal).Replace("#", "", StringComparison.Ordinal);
}
