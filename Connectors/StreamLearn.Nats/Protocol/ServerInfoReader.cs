using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace StreamLearn.Nats;

/// <summary>Reads the JSON of INFO. Unknown members are passed over; known ones have their type, and stand at most once.</summary>
internal static class ServerInfoReader
{
    private const int MaxDepth = 32;

    /// <summary>Reads a JSON object.</summary>
    /// <param name="json">The text of an INFO frame.</param>
    /// <param name="info">What it says.</param>
    /// <param name="fault">Why it says nothing.</param>
    internal static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ServerInfo? info, out NatsFault fault)
    {
        (info, fault) = (null, default);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { fault = NatsFaults.InfoText; return false; }
            var (read, seen) = (new ServerInfo(), 0u);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!TryMember(ref reader, ref read, ref seen)) { fault = NatsFaults.InfoMember; return false; }
            }

            if (reader.Read()) { fault = NatsFaults.InfoText; return false; }
            info = read;
            return true;
        }
        catch (JsonException)
        {
            fault = NatsFaults.InfoText;
        }
        catch (InvalidOperationException)       // a text with half of a surrogate pair
        {
            fault = NatsFaults.InfoText;
        }

        return false;
    }

    private static bool TryMember(ref Utf8JsonReader reader, ref ServerInfo info, ref uint seen)
    {
        var member = Array.IndexOf(Names, reader.GetString());
        reader.Read();
        if (member < 0)
        {
            reader.Skip();
            return true;
        }

        if ((seen & (1u << member)) != 0) { return false; }
        seen |= 1u << member;
        var isSound = true;
        info = Names[member] switch
        {
            "server_id" => info with { ServerId = Text(ref reader, ref isSound) },
            "server_name" => info with { ServerName = Text(ref reader, ref isSound) },
            "version" => info with { Version = Text(ref reader, ref isSound) },
            "max_payload" => info with { MaxPayload = (int)Number(ref reader, 1, int.MaxValue, ref isSound) },
            "headers" => info with { Headers = Flag(ref reader, ref isSound) },
            "jetstream" => info with { JetStream = Flag(ref reader, ref isSound) },
            "auth_required" => info with { AuthRequired = Flag(ref reader, ref isSound) },
            "tls_required" => info with { TlsRequired = Flag(ref reader, ref isSound) },
            "tls_verify" => info with { TlsVerify = Flag(ref reader, ref isSound) },
            "tls_available" => info with { TlsAvailable = Flag(ref reader, ref isSound) },
            "nonce" => info with { Nonce = Text(ref reader, ref isSound) },
            "client_id" => info with { ClientId = Number(ref reader, 0, ulong.MaxValue, ref isSound) },
            "connect_urls" => info with { ConnectUrls = Texts(ref reader, ref isSound) },
            "ldm" => info with { LameDuckMode = Flag(ref reader, ref isSound) },
            "cluster" => info with { Cluster = Text(ref reader, ref isSound) },
            _ => info with { Domain = Text(ref reader, ref isSound) },
        };
        return isSound;
    }

    private static readonly string[] Names =
    [
        "server_id", "server_name", "version", "max_payload", "headers", "jetstream", "auth_required", "tls_required", "tls_verify",
        "tls_available", "nonce", "client_id", "connect_urls", "ldm", "cluster", "domain",
    ];

    private static string Text(ref Utf8JsonReader reader, ref bool isSound)
    {
        isSound &= reader.TokenType == JsonTokenType.String;
        return isSound ? reader.GetString()! : "";
    }

    private static bool Flag(ref Utf8JsonReader reader, ref bool isSound)
    {
        isSound &= reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        return isSound && reader.GetBoolean();
    }

    private static ulong Number(ref Utf8JsonReader reader, ulong least, ulong most, ref bool isSound)
    {
        var number = 0ul;
        isSound &= reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out number) && number >= least && number <= most;
        return isSound ? number : 0;
    }

    private static ImmutableArray<string> Texts(ref Utf8JsonReader reader, ref bool isSound)
    {
        isSound &= reader.TokenType == JsonTokenType.StartArray;
        if (!isSound) { return []; }
        var texts = ImmutableArray.CreateBuilder<string>();
        while (isSound && reader.Read() && reader.TokenType != JsonTokenType.EndArray) { texts.Add(Text(ref reader, ref isSound)); }
        return texts.ToImmutable();
    }
}
