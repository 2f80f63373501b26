using System.Net.WebSockets;

namespace StreamLearn.Mqtt;

/// <summary>The bytes in the binary frames of a WebSocket; frames and packets need not match [MQTT-6.0.0-2].</summary>
internal sealed class WebSocketBytes(ClientWebSocket socket) : Stream
{
    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close) { return 0; }
            if (part.MessageType != WebSocketMessageType.Binary) { throw new IOException("expected binary frames [MQTT-6.0.0-1]"); }
            if (part.Count > 0) { return part.Count; }
        }
    }

    /// <inheritdoc />
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    /// <inheritdoc />
    public override void Flush()
    {
        // Every write is a frame of its own.
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing) { socket.Dispose(); }
        base.Dispose(disposing);
    }
}
