using StreamLearn.Nats;
using StreamLearn.Simulation;

namespace StreamLearn.Programs;

/// <summary>The fleet and server settings that all programs of a fleet share.</summary>
/// <param name="Fleet">The fleet's name, a topic level.</param>
/// <param name="Url">The server.</param>
/// <param name="Login">A file with user name and password on two lines; null: none.</param>
/// <param name="State">The folder of checkpoints.</param>
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

    /// <summary>Maximum characters of a name.</summary>
    public const int MaxName = 64;

    /// <summary>Links simulated over the server; null: none.</summary>
    public PlayedLinks? Played { get; init; }

    /// <summary>The fleet's topics.</summary>
    public FleetTopics Topics => new($"sl/{Fleet}");

    /// <summary>State folder of earlier versions, relative to the working folder; null: unchanged.</summary>
    internal DirectoryInfo? Earlier { get; private init; }

    /// <summary>With checkpoints elsewhere.</summary>
    internal LinkConfig In(DirectoryInfo state) => this with { State = state, Earlier = null };

    /// <summary>Opens the participants' folders; notices go to standard output.</summary>
    /// <param name="saveEvery">Minimum time between saves; null: as soon as output waits for one.</param>
    /// <param name="lead">The lead that keeps checkpoints at the server; null: they are in the folders.</param>
    public StateFolder OpenState(TimeSpan? saveEvery = null, Lead? lead = null) =>
        new(State, Fleet, Console.Out.WriteLine) { SaveEvery = saveEvery, Lead = lead, Earlier = Earlier };

    /// <summary>Returns a device's transport, with its simulated link if it has one.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="index">Its index in the program, from 0.</param>
    public ITransport Play(ITransport transport, string device, int index) => Played is null ? transport
        : new PlayedLink(transport, Played.Of(device, index), device: device);

    /// <summary>Reads <c>streamlearn</c>, <c>fleet</c>, <c>state</c> and <c>link</c>.</summary>
    /// <param name="map">The top of the file.</param>
    /// <param name="isSensor">True: devices may have simulated links.</param>
    public static LinkConfig Read(ConfigMap map, bool isSensor = false)
    {
        ArgumentNullException.ThrowIfNull(map);
        map["streamlearn"].Whole(1, 1).Required();      // the version of the file format
        var fleet = NameOf(map["fleet"]);
        var (url, login, played) = map.Section("link", link => (UrlOf(link["url"], EdgeServer.Schemes),
            link["login"].SecretFile().OrNull(), isSensor ? PlayedOf(link["played"]) : null));
        var written = map["state"].Text().Or("state");
        var state = map["state"].PathOf(written);
        return new(fleet, url, login is null ? null : new(login.Path), new(state))
        {
            Played = played,
            Earlier = state == written ? null : new(written),
        };
    }

    private static PlayedLinks? PlayedOf(ConfigEntry entry)
    {
        if (entry.Text().OrNull() is not { } path) { return null; }
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
    /// <param name="text">The text.</param>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MaxName && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>Returns true for a valid device name that the fleet does not reserve.</summary>
    /// <param name="text">The text.</param>
    public static bool IsDeviceName(string text) => IsName(text) && !Taken.Contains(text);

    /// <summary>Reads a device name.</summary>
    /// <param name="entry">The entry.</param>
    public static string DeviceNameOf(ConfigEntry entry)
    {
        var name = NameOf(entry);
        if (Taken.Contains(name)) { entry.Refuse($"expected another name for a device: '{name}' is reserved for the fleet"); }
        return name;
    }

    /// <summary>Reads a name valid as topic level and part of a client name.</summary>
    /// <param name="entry">The entry.</param>
    public static string NameOf(ConfigEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var name = entry.Text().Required();
        if (!IsName(name))
        {
            if (!entry.IsAbsent) { entry.Refuse($"expected a name of 1 to {MaxName} letters, digits, '-' and '_', got '{name}'"); }
            return "name";
        }

        return name;
    }

    /// <summary>Reads a server address, without user and path.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="schemes">The accepted schemes.</param>
    public static Uri UrlOf(ConfigEntry entry, params ImmutableArray<string> schemes)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var text = entry.Text().Required();
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
