using System.Net.WebSockets;

namespace StreamLearn.Mqtt;

/// <summary>The binary frames of a WebSocket as bytes; frames and packets need not match [MQTT-6.0.0-2].</summary>
internal sealed class WebSocketBytes(ClientWebSocket socket) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

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

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    public override void Flush()
    {
        // Every write is a frame.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { socket.Dispose(); }
        base.Dispose(disposing);
    }
}
