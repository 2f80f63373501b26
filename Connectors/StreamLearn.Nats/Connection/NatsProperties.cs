using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

/// <summary>Maps message properties to headers: user properties by name, content type as <c>Content-Type</c>, correlation data as
/// <c>Correlation-Data</c> (Base64). The response topic is the reply subject.</summary>
/// <remarks>Characters that are not supported are percent-encoded UTF-8, as are <c>%</c> and the first letter of user property names that
/// collide with these or with stream headers. Other <c>%</c> sequences in foreign headers stay.</remarks>
internal static class NatsProperties
{
    private const int MaxCount = 256, MaxBytes = 64_000;        // a stream refuses headers over 65,535 bytes

    private static ReadOnlySpan<byte> ContentType => "Content-Type"u8;

    private static ReadOnlySpan<byte> Correlation => "Correlation-Data"u8;

    /// <summary>Adds headers, if there are any.</summary>
    /// <exception cref="ArgumentException">There are more headers than a message may have.</exception>
    internal static void Write(MessageProperties? properties, ref ClientHeaders? headers)
    {
        if (properties is null) { return; }
        headers ??= new(caseSensitive: true);
        if (properties.ContentType is { } type) { headers["Content-Type"] = Escaped(type, isName: false); }
        if (!properties.CorrelationData.IsEmpty) { headers["Correlation-Data"] = Convert.ToBase64String(properties.CorrelationData.Span); }

        foreach (var (name, value) in properties.User)
        {
            var escaped = EscapedName(name);
            var text = Escaped(value, isName: false);
            headers[escaped] = headers.TryGetValue(escaped, out var values) ? StringValues.Concat(values, text) : text;
        }

        var (count, bytes) = (0, 0L);
        foreach (var (name, values) in headers)
        {
            foreach (var value in values) { (count, bytes) = (count + 1, bytes + name.Length + value!.Length + 4); }
        }

        if (count > MaxCount || bytes > MaxBytes)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"expected at most {MaxCount} properties of {MaxBytes} bytes together, got {count} of {bytes}"), nameof(properties));
        }

        if (headers.Count == 0) { headers = null; }
    }

    private static bool IsOfServer(ReadOnlySpan<byte> name) =>
        name.StartsWith("Nats-"u8) || name.SequenceEqual("KV-Operation"u8) || name.SequenceEqual("SL-Begin"u8);

    private static bool HasOwn(HeaderBlock block)
    {
        for (var lines = block.Lines; HeaderBlock.TryNext(ref lines, out var name, out _);)
        {
            if (!IsOfServer(name)) { return true; }
        }

        return false;
    }

    /// <summary>Requires a validated block; returns false if the encoding is invalid.</summary>
    internal static bool TryRead(HeaderBlock block, string reply, out MessageProperties? properties)
    {
        properties = null;
        Topic? response = null;
        if (reply.Length > 0 && NatsTopic.TryToTopic(reply, out var topic) && !topic.IsFilter) { response = topic; }
        if (response is null && !HasOwn(block)) { return true; }
        var user = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        string? type = null;
        byte[] correlation = [];
        for (var lines = block.Lines; HeaderBlock.TryNext(ref lines, out var name, out var bytes);)
        {
            if (IsOfServer(name)) { continue; }
            var value = Unescaped(bytes);
            if (name.SequenceEqual(ContentType)) { type = value; }
            else if (name.SequenceEqual(Correlation))
            {
                correlation = new byte[bytes.Length];
                if (!Convert.TryFromBase64String(value, correlation, out var length)) { return false; }
                correlation = correlation[..length];
            }
            else { user.Add(new(name is [(byte)'%'] ? "" : Unescaped(name), value)); }
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
        catch (ArgumentException) { return false; }
    }

    /// <summary>Returns a name that is never empty and never reserved.</summary>
    private static string EscapedName(string name)
    {
        if (name.Length == 0) { return "%"; }
        var escaped = Escaped(name, isName: true);
        return escaped is "Content-Type" or "Correlation-Data" or "KV-Operation" or "SL-Begin"
            || escaped.StartsWith("Nats-", StringComparison.Ordinal) ? $"%{(int)escaped[0]:X2}{escaped[1..]}" : escaped;
    }

    internal static string Escaped(string text) => Escaped(text, isName: false);

    /// <summary>Only ASCII, because the client may allow nothing else.</summary>
    private static string Escaped(string text, bool isName)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var plain = 0;
        while (plain < bytes.Length && IsPlain(bytes, plain, isName)) { plain++; }
        if (plain == bytes.Length) { return text; }
        var escaped = new StringBuilder(bytes.Length + 16);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsPlain(bytes, i, isName)) { escaped.Append((char)bytes[i]); }
            else { escaped.Append(CultureInfo.InvariantCulture, $"%{bytes[i]:X2}"); }
        }

        return escaped.ToString();
    }

    private static bool IsPlain(byte[] bytes, int at, bool isName) => bytes[at] switch
    {
        (byte)'%' or >= 0x7F => false,
        (byte)' ' or (byte)'\t' => !isName && at > 0 && at < bytes.Length - 1,
        < (byte)' ' => false,
        (byte)':' => !isName,
        _ => true,
    };

    private static string Unescaped(ReadOnlySpan<byte> bytes) => Uri.UnescapeDataString(Encoding.UTF8.GetString(bytes));
}
