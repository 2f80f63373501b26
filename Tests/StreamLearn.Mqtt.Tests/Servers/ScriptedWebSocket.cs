using System.Net.WebSockets;
using System.Security.Cryptography;

namespace StreamLearn.Mqtt.Tests;

/// <summary>The server's side of the WebSocket handshake. Source: RFC 6455, section 4.2.</summary>
internal static class ScriptedWebSocket
{
    private const string Salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", KeyHeader = "Sec-WebSocket-Key: ";

    /// <param name="socket">The connection.</param>
    /// <param name="stream">Its bytes.</param>
    /// <param name="protocol">What is chosen of the protocols that the client offers; empty: none.</param>
    internal static async Task<ScriptedConnection> AcceptAsync(Socket socket, Stream stream, string protocol)
    {
        var cancellation = Cancellation;
        var request = await RequestAsync(stream, cancellation);
        var key = request.Split("\r\n").Single(static l => l.StartsWith(KeyHeader, StringComparison.OrdinalIgnoreCase))[KeyHeader.Length..];
        var answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            .Append($"Sec-WebSocket-Accept: {Accept(key)}\r\n");
        if (protocol.Length > 0) { answer.Append($"Sec-WebSocket-Protocol: {protocol}\r\n"); }
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer.Append("\r\n").ToString()), cancellation);
        var webSocket = WebSocket.CreateFromStream(stream, new() { IsServer = true, SubProtocol = protocol.Length > 0 ? protocol : null });
        return new(socket, WebSocketStream.Create(webSocket, WebSocketMessageType.Binary, ownsWebSocket: true))
        {
            WebSocket = webSocket,
            Upgrade = request,
        };
    }

    private static async Task<string> RequestAsync(Stream stream, CancellationToken cancellation)
    {
        var request = new StringBuilder();
        var one = new byte[1];
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellation);
            request.Append((char)one[0]);
        }
        return request.ToString();
    }

#pragma warning disable CA5350 // the handshake's own hash; it protects nothing
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Salt)));
#pragma warning restore CA5350
}
