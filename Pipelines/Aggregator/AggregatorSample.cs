using System.Globalization;

namespace Aggregator;

internal static class AggregatorSample
{
    /// <summary>The broker section, for a <c>link.url</c> on this machine.</summary>
    internal const string Broker = """
        broker:                           # started by this program if link.url points to it; remove it if you have a server
          listen: 127.0.0.1:1883          # other machines need certificate, key and logins here: see docs/guides/rights.md

        """;

    /// <summary>Disabled broker section, for a remote or unrecognized server.</summary>
    internal static string BrokerAt(Uri server)
    {
        var port = server.Port > 0 ? server.Port : 1883;
        return server.IsLoopback ? Broker.Replace("1883", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : string.Create(CultureInfo.InvariantCulture, $$"""
            # broker: { listen: 0.0.0.0:{{port}}, insecure: true }
            # a server inside this program, if {{server.Host}} is this machine and has none. insecure: any device may connect;
            # otherwise it needs certificate, key and logins: see docs/guides/rights.md

            """);
    }

    internal static string Text => LinkConfig.Sample + Broker
        + "# model: { channels: 6, samples: 128, classes: 6, seed: 42 }   # the sensors' model; --model-of sensor.yaml writes it\n"
        + Rules(inStep: null);

    /// <summary><paramref name="inStep"/>: devices per version; null: asynchronous.</summary>
    internal static string Rules(int? inStep, bool average = true) => inStep is { } devices
        ? string.Create(CultureInfo.InvariantCulture, $$"""
            aggregate:
              strategy:                       # how versions are made; fedavg: from one update of each device
                fedavg: { devices: {{devices}} }     # starts with this many devices; a version waits for all that are alive
              switchable:                     # strategies to switch to at run time: streamlearn-aggregator switch fedbuff
                - fedbuff: { updates: 10, staleness: 1, deadline: 10s }   # a version per 10 updates, from any devices

            """) + Bounds
            + (average ? "  average: true                   # of about the last thirtieth of versions, which oscillate\n" : "")
        : """
            aggregate:
              strategy:                       # how versions are made; fedbuff: one per number of updates, from any devices
                fedbuff: { updates: 10, staleness: 1, deadline: 10s }   # at the deadline, a version of the updates so far
              switchable:                     # strategies to switch to at run time: streamlearn-aggregator switch fedavg
                - fedavg: { devices: 1 }      # starts with this many devices; a version waits for all that are alive

            """ + Bounds;

    private const string Bounds = """
            # - fedasync: { devices: 3 }  # also fedavgm, fedprox, fedadam, fedyogi, fedadagrad, fedmedian, fedtrimmedmean, oneshot
          devices: 100                    # devices to expect; with updates_under_way it limits the updates in flight
          updates_under_way: 2            # per device, as in the sensor's file
          lease: 6s                       # a device is gone after this silence: three heartbeats
          # round_timeout: 10m            # fedavg: a version then leaves out silent devices
          # takeover: 5s                  # over nats://: a standby on another host takes over after this silence
          # max_weight: 10                # an update counts for at most 10 times the fleet's median weight
          # max_share: 0.6                # one device of three or more has at most this share of a round

        """;
}
