using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StreamLearn.Mqtt;
using StreamLearn.Tables;

namespace Aggregator;

internal sealed record BrokerConfig(
    IPEndPoint Listen, string? Certificate, string? Key, string? Logins, bool Insecure, int MaxPacketBytes, int MaxConnections)
{
    /// <summary>User that may read everything and publish nothing.</summary>
    private const string Viewer = "viewer";

    private static readonly string[] NoDevices = [FleetTopics.Aggregator, "console", "all", Viewer];

    private const string Form = "expected an address of this machine and a port, such as 127.0.0.1:1883";

    private static readonly MqttBrokerOptions Defaults = new();

    internal static BrokerConfig Default { get; } =
        new(Defaults.Listen, null, null, null, Insecure: false, Defaults.MaxPacketBytes, Defaults.MaxConnections);

    internal static BrokerConfig Read(ConfigMap map)
    {
        const string logins = "[lines](../guides/rights.md#the-aggregators-own-broker): user, password, devices (none: that of its name)";
        var pem = map["certificate", "for TLS; `link.url` is then `mqtts://`"].As("PEM file");
        var certificate = pem.Text().OrNull() is { } path ? pem.PathOf(path) : null;
        var broker = new BrokerConfig(
            ListenOf(map["listen", "an address that other machines reach needs certificate, key and logins"].As("address and port")),
            certificate, map["key", "of the certificate"].As("PEM file").SecretFile().OrNull()?.Path,
            map["logins", logins].SecretFile().OrNull()?.Path,
            map["insecure", "allows other machines without TLS or login"].Boolean().Or(false),
            (int)map["max_packet", "largest packet; a model needs 4 bytes a value and 1 KiB"].Size(1 << 10, 256 << 20)
                .Or(Defaults.MaxPacketBytes),
            (int)map["max_connections", "at a time, half of them for one login; a device has three"].Whole(16, 100_000)
                .Or(Defaults.MaxConnections));
        if (broker.Certificate is null != broker.Key is null) { map.Refuse("expected 'certificate' and 'key' together"); }
        if (!broker.Insecure && !IPAddress.IsLoopback(broker.Listen.Address) && (broker.Certificate is null || broker.Logins is null))
        {
            map["listen"].Refuse($"other machines can reach {broker.Listen}: expected 'certificate', 'key' and 'logins' too, or "
                + "'insecure: true'");
        }

        return broker;
    }

    /// <summary>True if the address leads to this broker, as far as known locally.</summary>
    internal bool IsAt(Uri url) => url.Scheme == Scheme && EdgeServer.NameOf(url).EndsWith($":{Listen.Port}", StringComparison.Ordinal)
        && (url.IsLoopback || !IPAddress.IsLoopback(Listen.Address));

    internal string Address => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Listen}");

    private string Scheme => Certificate is null ? "mqtt" : "mqtts";

    internal MqttBrokerOptions Options(FleetTopics topics) => new()
    {
        Listen = Listen,
        AllowInsecure = Insecure,
        MaxPacketBytes = MaxPacketBytes,
        MaxConnections = MaxConnections,
        Certificate = CertificateOf(),
        Logins = Logins is null ? [] : LoginsOf(topics),
    };

    internal async Task<MqttBroker> StartAsync(FleetTopics topics)
    {
        try
        {
            return await MqttBroker.StartAsync(Options(topics)).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            var remedy = e.SocketErrorCode != SocketError.AddressAlreadyInUse ? ""
                : string.Create(CultureInfo.InvariantCulture, $": another program uses the port (ss -ltnp 'sport = :{Listen.Port}' "
                    + $"shows ")
                    + "it). Remove 'broker' to use that server, or give broker.listen and link.url another port";
            throw new ServerRefusedException(new($"broker: {Listen}: {e.Message}{remedy}", ProgramExit.NoLink));
        }
    }

    private static IPEndPoint ListenOf(ConfigEntry entry)
    {
        var text = entry.Text().Or($"{Defaults.Listen}");
        var local = text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1{text["localhost".Length..]}" : text;
        if (IPEndPoint.TryParse(local, out var place) && place.Port > 0) { return place; }
        entry.Refuse($"{Form}, got '{text}'");
        return Defaults.Listen;
    }

    private X509Certificate2? CertificateOf()
    {
        if (Certificate is null || Key is null) { return null; }
        try
        {
            return X509Certificate2.CreateFromPemFile(Certificate, Key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new LoginFileException($"broker: expected a certificate in {Path.GetFullPath(Certificate)} and its key in "
                + $"{Path.GetFullPath(Key)}: {e.GetType().Name}");
        }
    }

    /// <summary>Maps devices to owners by the login file; null: none.</summary>
    internal Func<string, string>? OwnerOf()
    {
        if (Logins is null) { return null; }
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (var (user, _, devices) in Lines())
        {
            foreach (var device in devices) { owners[device] = user; }
        }

        return device => owners.GetValueOrDefault(device, device);
    }

    /// <summary>A device publishes below its own level and reads its own messages; <c>aggregator</c> has its own rights.</summary>
    private ImmutableArray<MqttBrokerLogin> LoginsOf(FleetTopics topics) =>
        [.. Lines().Select(l => LoginOf(topics, l.User, l.Password, l.Devices))];

    private List<(string User, string Password, string[] Devices)> Lines()
    {
        List<(string User, string Password, string[] Devices)> logins = [];
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Logins!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoginFileException($"broker: cannot read the logins file {Logins}: {e.Message}");
        }

        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) { continue; }
            if (words.Length < 2 || !words.Where(static (_, w) => w != 1).All(LinkConfig.IsName) || logins.Any(l => l.User == words[0])
                || words[2..].Intersect(NoDevices).Any())
            {
                throw new LoginFileException(string.Create(CultureInfo.InvariantCulture,
                    $"broker: line {i + 1} of {Logins}: expected a unique user, a password, ")
                    + "and the user's devices unless it is one of the same name");
            }

            logins.Add((words[0], words[1], words.Length > 2 ? words[2..] : [words[0]]));
        }

        return logins.Count > 0 ? logins
            : throw new LoginFileException($"broker: expected logins in {Logins}, a line for each: user, password, devices");
    }

    private static MqttBrokerLogin LoginOf(FleetTopics topics, string user, string password, string[] devices)
    {
        var run = topics.Run;
        var down = $"{run}/{FleetTopics.Aggregator}/down";
        if (user == Viewer && devices is [Viewer]) { return new(user, Encoding.UTF8.GetBytes(password)) { Subscribe = [$"{run}/#"] }; }
        string[] trial = [$"{run}/check/#", "sl/check/#"];      // 'check --online' sends itself a message
        return new(user, Encoding.UTF8.GetBytes(password))
        {
            Publish = user == FleetTopics.Aggregator ? [$"{down}/#", $"{run}/console/up/#", .. trial]
                : [.. devices.Select(d => $"{run}/{d}/up/#"), .. trial],
            MayRetain = user == FleetTopics.Aggregator,     // a message beyond the limit would end the connection
            Subscribe = user == FleetTopics.Aggregator ? [$"{run}/+/up/#", $"{down}/all/#", .. trial]
                : [.. devices.SelectMany(d => new[] { $"{down}/{d}/#", $"{run}/{d}/rows", $"{run}/+/up/{d}/#" }), $"{topics.Labels}",
                    $"{topics.Signature}", $"{topics.Newest}", $"{run}/+/up/node", .. trial],
        };
    }
}
