using System.Globalization;
using StreamLearn.Programs;

namespace Aggregator;

internal static class AggregatorSample
{
    /// <summary>For a <c>link.url</c> on this machine.</summary>
    internal const string Broker = """
        broker:                           # this program's own, started if link.url leads to it; remove it if you have a server
          listen: 127.0.0.1:1883          # other machines need certificate, key and logins here: see docs/guides/rights.md

        """;

    /// <summary>Disabled broker section, for a remote or unrecognized server.</summary>
    internal static string BrokerAt(Uri server)
    {
        var port = server.Port > 0 ? server.Port : 1883;
        return server.IsLoopback ? Broker.Replace("1883", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : string.Create(CultureInfo.InvariantCulture, $$"""
            # broker: { listen: 0.0.0.0:{{port}}, insecure: true }
            # a server inside this program, if {{server.Host}} is this machine and has none. insecure: anybody in the network may connect;
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
              strategy:                       # how versions are made; fedavg: of an update of each device
                fedavg: { devices: {{devices}} }     # starts with this many devices; a version waits for all that are alive
              switchable:                     # strategies to change to while it runs: streamlearn-aggregator switch fedbuff
                - fedbuff: { updates: 10, staleness: 1, deadline: 10s }   # one for so many updates, from any devices

            """) + Bounds
            + (average ? "  average: true                   # the model in use is an average of versions, which go to and fro\n" : "")
        : """
            aggregate:
              strategy:                       # how versions are made; fedbuff: one for so many updates, from any devices
                fedbuff: { updates: 10, staleness: 1, deadline: 10s }   # after the deadline, a version of those that there are
              switchable:                     # strategies to change to while it runs: streamlearn-aggregator switch fedavg
                - fedavg: { devices: 1 }      # starts with this many devices; a version waits for all that are alive

            """ + Bounds;

    private const string Bounds = """
            # - fedasync: { devices: 3 }  # also fedavgm, fedprox, fedadam, fedyogi, fedadagrad, fedmedian, fedtrimmedmean, oneshot
          devices: 100                    # devices to expect; with updates_under_way it limits the updates in flight
          updates_under_way: 2            # per device, as in the sensor's file
          lease: 6s                       # a device that is silent for this long is gone: three heartbeats
          # takeover: 5s                  # over nats://: one on another host takes over when this is silent for so long
          # max_weight: 10                # an update counts for at most 10 times what the fleet's weigh in the median
          # max_share: 0.6                # one device of three or more has at most this share of a round

        """;
}
