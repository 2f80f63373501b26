using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>The client's connection. It starts TLS itself, so the client's output is visible, and bytes between INFO and TLS, which an
/// attacker could inject, end the connection.</summary>
internal sealed class NatsWire(INatsTlsUpgradeableSocketConnection inner, DialOptions dial, bool needsTls, StaleFilter stale)
    : INatsSocketConnection
{
    private const int MaxInfo = 1 << 20;
    private readonly ArrayBufferWriter<byte> _info = new();
    private readonly ArrayBufferWriter<byte> _fresh = new();
    private StaleFilter? _stale = stale.IsFirst ? null : stale;
    private Stream? _tls;
    private bool _hasInfo;

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) =>
        !_hasInfo ? BeginAsync(buffer) : _tls?.ReadAsync(buffer) ?? inner.ReceiveAsync(buffer);

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer) =>
        _stale is { } filter ? SendFreshAsync(buffer, filter) : WriteAsync(buffer);

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        if (_tls is not null) { await _tls.DisposeAsync().ConfigureAwait(false); }
    }

    private static bool HasTls(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line["INFO".Length..]);
            using var info = JsonDocument.ParseValue(ref reader);
            return Is(info, "tls_required") || Is(info, "tls_available");
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException)
        {
            return false;       // the client reports the error
        }

        static bool Is(JsonDocument info, string name) => info.RootElement.ValueKind == JsonValueKind.Object
            && info.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
    }

    private async ValueTask<int> BeginAsync(Memory<byte> buffer)
    {
        var count = await inner.ReceiveAsync(buffer).ConfigureAwait(false);
        _info.Write(buffer.Span[..count]);
        var length = _info.WrittenSpan.IndexOf((byte)'\n') + 1;
        if (length == 0) { return _info.WrittenCount <= MaxInfo ? count : throw new NatsWireException("expected INFO, got no line"); }
        _hasInfo = true;
        if (HasTls(_info.WrittenSpan[..length]))
        {
            if (length < _info.WrittenCount || inner.Socket.Available > 0)
            {
                throw new NatsWireException("expected nothing between INFO and TLS");
            }

            using var patience = new CancellationTokenSource(dial.SilenceLimit);
            _tls = await Dialer.SecureAsync(new NetworkStream(inner.Socket, ownsSocket: false), dial, patience.Token).ConfigureAwait(false);
        }
        else if (needsTls)
        {
            throw new NatsWireException("expected TLS, but the server does not use it: without TLS the address starts with nats://")
            {
                HasNoTls = true,
            };
        }

        _info.Clear();
        return count;
    }

    private async ValueTask<int> SendFreshAsync(ReadOnlyMemory<byte> buffer, StaleFilter filter)
    {
        filter.Filter(buffer.Span, _fresh);
        for (var rest = _fresh.WrittenMemory; !rest.IsEmpty;) { rest = rest[await WriteAsync(rest).ConfigureAwait(false)..]; }
        _fresh.ResetWrittenCount();
        if (filter.IsOver) { _stale = null; }
        return buffer.Length;
    }

    private ValueTask<int> WriteAsync(ReadOnlyMemory<byte> buffer) => _tls is { } tls ? WriteAsync(tls, buffer) : inner.SendAsync(buffer);

    private static async ValueTask<int> WriteAsync(Stream tls, ReadOnlyMemory<byte> buffer)
    {
        await tls.WriteAsync(buffer).ConfigureAwait(false);
        return buffer.Length;
    }
}

/// <summary>Removes stream messages of an earlier connection from the client's output. The client's buffer is sent on the next connection,
/// while earlier lost messages are resent later: the order would change.</summary>
internal sealed class StaleFilter(string answers, long connection)
{
    private readonly byte[] _answers = Encoding.UTF8.GetBytes(answers);
    private readonly ArrayBufferWriter<byte> _line = new();     // an incomplete command
    private long _left;         // remaining bytes of a message
    private bool _isStale;

    internal bool IsFirst => connection == 1;

    /// <summary>True once the rest is for this connection, because the client keeps the order.</summary>
    internal bool IsOver { get; private set; }

    internal void Filter(ReadOnlySpan<byte> bytes, IBufferWriter<byte> into)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var count = (int)Math.Min(_left, bytes.Length);
                if (!_isStale) { into.Write(bytes[..count]); }
                _left -= count;
                bytes = bytes[count..];
                continue;
            }

            var length = bytes.IndexOf((byte)'\n') + 1;
            _line.Write(length == 0 ? bytes : bytes[..length]);
            if (length == 0) { return; }
            Begin(_line.WrittenSpan.TrimEnd("\r\n"u8));
            if (!_isStale) { into.Write(_line.WrittenSpan); }
            _line.ResetWrittenCount();
            bytes = bytes[length..];
        }
    }

    /// <summary><c>HPUB subject [answer] headers all</c> or <c>PUB subject [answer] all</c>; other commands have no payload.</summary>
    private void Begin(ReadOnlySpan<byte> line)
    {
        _isStale = false;
        var hasHeaders = line.StartsWith("HPUB "u8);
        if (!hasHeaders && !line.StartsWith("PUB "u8)) { return; }
        _left = long.Parse(line[(line.LastIndexOf((byte)' ') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture) + "\r\n".Length;
        var at = line.IndexOf(_answers);
        if (!hasHeaders || at < 0 || line[at - 1] != (byte)' ') { return; }
        var number = line[(at + _answers.Length)..];
        if (number.IndexOf((byte)'-') is not (> 0 and var end)
            || !long.TryParse(number[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var meant)) { return; }
        _isStale = meant < connection;
        IsOver |= !_isStale;
    }
}

internal sealed class NatsWireException(string message) : IOException(message)
{
    internal bool HasNoTls { get; init; }
}
