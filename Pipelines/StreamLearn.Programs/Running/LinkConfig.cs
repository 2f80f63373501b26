using StreamLearn.Nats;
using StreamLearn.Simulation;

namespace StreamLearn.Programs;

internal sealed record LinkConfig(string Fleet, Uri Url, FileInfo? Login, DirectoryInfo State)
{
    /// <summary>The start of a commented configuration.</summary>
    public const string Sample = """
        streamlearn: 1                    # version of the file format
        fleet: plant                      # the same for all sensors and the aggregator
        state: state                      # folder of checkpoints, from which a killed program resumes
        link:
          url: mqtt://localhost:1883      # or mqtts://, nats://, tls://
          # login: login.txt              # two lines: user name and password

        """;

    private static readonly string[] Taken = [FleetTopics.Aggregator, "console", "models", "check"];

    public const int MaxName = 64;

    /// <summary>Links simulated over the server; null: none.</summary>
    public PlayedLinks? Played { get; init; }

    public FleetTopics Topics => new($"sl/{Fleet}");

    /// <summary>State folder of earlier versions, relative to the working folder; null: unchanged.</summary>
    internal DirectoryInfo? Earlier { get; private init; }

    internal LinkConfig In(DirectoryInfo state) => this with { State = state, Earlier = null };

    /// <summary>Opens the participants' folders; notices go to standard output. With a lead, checkpoints are at the server.</summary>
    public StateFolder OpenState(TimeSpan? saveEvery = null, Lead? lead = null) =>
        new(State, Fleet, Console.Out.WriteLine) { SaveEvery = saveEvery, Lead = lead, Earlier = Earlier };

    /// <summary>Opens a session that the server keeps for an hour. <paramref name="client"/>: its name; null: it keeps none.</summary>
    internal ITransport Open(string? client) => EdgeServer.Open(Url, client, TimeSpan.FromHours(1), Login);

    public ITransport Play(ITransport transport, string device, int index) => Played is null ? transport
        : new PlayedLink(transport, Played.Of(device, index), device: device);

    public static LinkConfig Read(ConfigMap map, bool isSensor = false)
    {
        map["streamlearn", "file format"].Whole(1, 1).Required();
        var fleet = NameOf(map["fleet", "name, equal in all programs"].As($"1–{MaxName} letters, digits, `-`, `_`"));
        var (url, login, played) = map["link", "the fleet's server"].Section(link => (
            UrlOf(link["url", "server, or the aggregator's [broker](#broker)"], EdgeServer.Schemes), LoginOf(link),
            isSensor ? PlayedOf(link["played", "sensor: a slower link, [simulated](#links-that-are-played) for each device"]) : null));
        var files = isSensor ? "checkpoints; `status.json`, written each second" : "checkpoints, `status.json` and `updates.jsonl`";
        var written = map["state", files].As("folder").Text().Or("state");
        var state = map["state"].PathOf(written);
        return new(fleet, url, login, new(state))
        {
            Played = played,
            Earlier = state == written ? null : new(written),
        };
    }

    internal static FileInfo? LoginOf(ConfigMap map, string? fallback = null) =>
        map["login", "two lines of UTF-8: user name, password"].As(fallback: fallback).SecretFile().OrNull() is { } login
            ? new(login.Path) : null;

    private static PlayedLinks? PlayedOf(ConfigEntry entry)
    {
        if (entry.As("file").Text().OrNull() is not { } path) { return null; }
        try
        {
            return PlayedLinks.Read(entry.PathOf(path));
        }
        catch (Exception e) when (e is ScenarioException)
        {
            entry.Refuse(e.Message);
            return null;
        }
    }

    /// <summary>Returns true for a valid topic level and part of a client name.</summary>
    public static bool IsName(string text)
    {
        return text.Length is > 0 and <= MaxName && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>Returns true for a valid device name that the fleet does not reserve.</summary>
    public static bool IsDeviceName(string text) => IsName(text) && !Taken.Contains(text);

    public static string DeviceNameOf(ConfigEntry entry)
    {
        var name = NameOf(entry);
        if (Taken.Contains(name)) { entry.Refuse($"expected another name for a device: '{name}' is reserved for the fleet"); }
        return name;
    }

    public static string NameOf(ConfigEntry entry)
    {
        var name = entry.As("name").Text().Required();
        if (!IsName(name))
        {
            if (!entry.IsAbsent) { entry.Refuse($"expected a name of 1 to {MaxName} letters, digits, '-' and '_', got '{name}'"); }
            return "name";
        }

        return name;
    }

    public static Uri UrlOf(ConfigEntry entry, params ImmutableArray<string> schemes)
    {
        var text = entry.As($"{string.Concat(schemes.Select(static s => $"`{s}://`, "))}host, port").Text().Required();
        if (EdgeServer.AddressOf(text, schemes) is { } uri) { return uri; }
        if (!entry.IsAbsent)
        {
            var forms = schemes.Contains("nats") ? "nats://host[:4222], tls://, mqtt:// or mqtts://" : "mqtt://host[:1883] or mqtts://";
            var scheme = text.Split("://")[0].ToLowerInvariant();       // the rest may contain a password
            var hint = scheme switch
            {
                "http" or "https" or "ws" or "wss" => $"; {scheme}:// is not MQTT, whose port is usually 1883, or 8883 with TLS",
                "tcp" or "mqtt-tcp" => "; mqtt:// is MQTT over TCP",
                "ssl" => "; mqtts:// is MQTT over TLS",
                _ => "",
            };
            entry.Refuse($"expected {forms}, without user or path{hint}");
        }

        return new($"{schemes[^1]}://localhost");
    }
}
