using System.Buffers;
using System.Text.Json;

namespace StreamLearn.Nats;

/// <summary>What a client says of itself in CONNECT. It has secrets, so it is not a record, which would print them.</summary>
internal sealed class NatsConnect
{
    /// <summary>True: the server answers everything with +OK. Default false.</summary>
    internal bool Verbose { get; init; }

    /// <summary>True: the server checks subjects. Default false.</summary>
    internal bool Pedantic { get; init; }

    /// <summary>True: the connection uses TLS.</summary>
    internal bool TlsRequired { get; init; }

    /// <summary>The user; null: none.</summary>
    internal string? User { get; init; }

    /// <summary>The password; null: none.</summary>
    internal string? Password { get; init; }

    /// <summary>The token; null: none.</summary>
    internal string? Token { get; init; }

    /// <summary>The name that the server's monitoring shows; null: none.</summary>
    internal string? Name { get; init; }

    /// <summary>The client's version.</summary>
    internal string Version { get; init; } = typeof(NatsConnect).Assembly.GetName().Version!.ToString(3);

    /// <summary>True: the connection gets what it published itself, where it subscribes to that. Default true.</summary>
    internal bool Echo { get; init; } = true;

    /// <summary>Writes CONNECT. Headers, answers of the kind "no responders", and INFO at any time (protocol 1) are always asked for.
    /// </summary>
    /// <param name="output">Where to.</param>
    internal void Write(IBufferWriter<byte> output)
    {
        var text = new ArrayBufferWriter<byte>();       // once a connection: of a text that cannot be sent, nothing is written
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteBoolean("verbose"u8, Verbose);
            json.WriteBoolean("pedantic"u8, Pedantic);
            json.WriteBoolean("tls_required"u8, TlsRequired);
            if (User is not null) { json.WriteString("user"u8, User); }
            if (Password is not null) { json.WriteString("pass"u8, Password); }
            if (Token is not null) { json.WriteString("auth_token"u8, Token); }
            if (Name is not null) { json.WriteString("name"u8, Name); }
            json.WriteString("lang"u8, ".net"u8);
            json.WriteString("version"u8, Version);
            json.WriteNumber("protocol"u8, 1);
            json.WriteBoolean("echo"u8, Echo);
            json.WriteBoolean("headers"u8, true);
            json.WriteBoolean("no_responders"u8, true);
            json.WriteEndObject();
        }

        output.Write("CONNECT "u8);
        output.Write(text.WrittenSpan);
        output.Write("\r\n"u8);
        text.Clear();
    }
}
