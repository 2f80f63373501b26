using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>
/// What a message carries beside its payload, as headers. User properties have their own names; content type and correlation data have
/// <c>Content-Type</c> and <c>Correlation-Data</c> (Base64); where an answer is expected is the reply subject.
/// </summary>
/// <remarks>What cannot stand in a header is the bytes of its UTF-8, each as <c>%</c> and two hexadecimal digits; so is <c>%</c>, and the
/// first letter of a user property that is named as one of the two, or as what is said to a stream. A header of somebody else whose
/// <c>%</c> begins no such thing keeps it.
/// </remarks>
internal static class NatsProperties
{
    private static ReadOnlySpan<byte> ContentType => "Content-Type"u8;

    private static ReadOnlySpan<byte> Correlation => "Correlation-Data"u8;

    /// <summary>Writes the header block; nothing where there are no properties.</summary>
    /// <exception cref="ArgumentException">They are more than a message may have.</exception>
    internal static void Write(MessageProperties? properties, IBufferWriter<byte> output)
    {
        var headers = new NatsHeaderWriter(output);
        Write(properties, ref headers);
        headers.Complete();
    }

    /// <summary>Writes headers; none where there are no properties.</summary>
    /// <exception cref="ArgumentException">They are more than a message may have.</exception>
    internal static void Write(MessageProperties? properties, ref NatsHeaderWriter headers)
    {
        if (properties is null) { return; }
        try
        {
            if (properties.ContentType is { } type) { headers.Add(ContentType, Escaped(type, isName: false)); }
            if (!properties.CorrelationData.IsEmpty)
            {
                headers.Add(Correlation, Encoding.ASCII.GetBytes(Convert.ToBase64String(properties.CorrelationData.Span)));
            }

            foreach (var (name, value) in properties.User) { headers.Add(EscapedName(name), Escaped(value, isName: false)); }
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException(e.Message, nameof(properties));
        }
    }

    /// <summary>True if a header is said to the server, not to who gets the message.</summary>
    private static bool IsOfServer(ReadOnlySpan<byte> name) =>
        name.StartsWith("Nats-"u8) || name.SequenceEqual("KV-Operation"u8);

    /// <summary>True if a header is said to who gets the message.</summary>
    private static bool HasOwn(ReadOnlySpan<byte> block)
    {
        foreach (var header in new NatsHeaders(block))
        {
            if (!IsOfServer(header.Name)) { return true; }
        }

        return false;
    }

    /// <summary>Reads a header block that was checked; false: a part of it is none that was written so.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> block, ReadOnlySpan<byte> reply, out MessageProperties? properties)
    {
        properties = null;
        Topic? response = null;
        if (!reply.IsEmpty && NatsTopic.TryToTopic(reply, out var topic) && !topic.IsFilter) { response = topic; }
        if (response is null && !HasOwn(block)) { return true; }
        var user = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        string? type = null;
        byte[] correlation = [];
        foreach (var header in new NatsHeaders(block))
        {
            if (IsOfServer(header.Name)) { continue; }
            var value = Unescaped(header.Value);
            if (header.Name.SequenceEqual(ContentType)) { type = value; }
            else if (header.Name.SequenceEqual(Correlation))
            {
                correlation = new byte[header.Value.Length];
                if (!Convert.TryFromBase64String(value, correlation, out var length)) { return false; }
                correlation = correlation[..length];
            }
            else { user.Add(new(header.Name is [(byte)'%'] ? "" : Unescaped(header.Name), value)); }
        }

        try
        {
            properties = new()
            {
                User = user.ToImmutable(),
                ContentType = type,
                CorrelationData = correlation,
                ResponseTopic = response?.Value,
            };
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>A user property's name: it is never empty, nor one that something else has.</summary>
    private static byte[] EscapedName(string name)
    {
        if (name.Length == 0) { return "%"u8.ToArray(); }
        var escaped = Escaped(name, isName: true);
        return ContentType.SequenceEqual(escaped) || Correlation.SequenceEqual(escaped) || IsOfServer(escaped)
            ? [.. Encoding.ASCII.GetBytes($"%{escaped[0]:X2}"), .. escaped.AsSpan(1)]
            : escaped;
    }

    private static byte[] Escaped(string text, bool isName)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var plain = 0;
        while (plain < bytes.Length && IsPlain(bytes, plain, isName)) { plain++; }
        if (plain == bytes.Length) { return bytes; }
        var escaped = new List<byte>(bytes.Length + 16);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsPlain(bytes, i, isName)) { escaped.Add(bytes[i]); }
            else { escaped.AddRange(Encoding.ASCII.GetBytes($"%{bytes[i]:X2}")); }
        }

        return [.. escaped];
    }

    private static bool IsPlain(byte[] bytes, int at, bool isName) => bytes[at] switch
    {
        (byte)'%' or 0x7F => false,
        (byte)' ' or (byte)'\t' => !isName && at > 0 && at < bytes.Length - 1,
        < (byte)' ' => false,
        (byte)':' => !isName,
        > 0x7F => !isName,
        _ => true,
    };

    private static string Unescaped(ReadOnlySpan<byte> bytes) => Uri.UnescapeDataString(Encoding.UTF8.GetString(bytes));
}
