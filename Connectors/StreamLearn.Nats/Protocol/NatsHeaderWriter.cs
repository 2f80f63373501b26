using System.Buffers;

namespace StreamLearn.Nats;

/// <summary>Writes the headers of one message into a buffer of the caller's, which can be used again for the next. A header is checked
/// before any of it is written.</summary>
/// <param name="output">Where to; nothing of another block may be in it.</param>
internal ref struct NatsHeaderWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;
    private int _bytes;
    private int _count;

    /// <summary>Adds a header.</summary>
    /// <param name="name">Visible ASCII without <c>:</c>.</param>
    /// <param name="value">UTF-8 without control characters but tabs, and without blanks around it, which readers take away.</param>
    /// <exception cref="ArgumentException">The name or the value cannot be sent.</exception>
    /// <exception cref="InvalidOperationException">There would be too many headers, or too many bytes of them.</exception>
    internal void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => Add(name, value, default);

    /// <summary>Adds a header whose value is in two parts.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})" />
    internal void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value, scoped ReadOnlySpan<byte> rest)
    {
        if (!NatsHeaders.IsName(name)) { throw new ArgumentException("expected visible ASCII without ':'", nameof(name)); }
        if (!NatsHeaders.IsValue(value) || !NatsHeaders.IsValue(rest))
        {
            throw new ArgumentException("expected UTF-8 without control characters, and without blanks around it", nameof(value));
        }

        var start = _bytes == 0 ? NatsHeaders.Version.Length + 2 : 0;
        var size = start + name.Length + value.Length + rest.Length + 4L;
        if (_count == NatsLimits.HeaderCount || _bytes + size + 2 > NatsLimits.HeaderBytes)
        {
            throw new InvalidOperationException(
                $"expected at most {NatsLimits.HeaderCount} headers of {NatsLimits.HeaderBytes} bytes together");
        }

        var line = new NatsSpan(_output.GetSpan((int)size));
        if (start > 0)
        {
            line.Raw(NatsHeaders.Version);
            line.End();
        }

        line.Raw(name);
        line.Raw(": "u8);
        line.Raw(value);
        line.Raw(rest);
        line.End();
        _output.Advance(line.Length);
        _bytes += line.Length;
        _count++;
    }

    /// <summary>Ends the block. Without a header there is none, and the message goes out as PUB.</summary>
    internal void Complete()
    {
        if (_count > 0) { _output.Write("\r\n"u8); }
        (_bytes, _count) = (0, 0);
    }
}
