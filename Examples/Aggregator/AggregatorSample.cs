using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>A configuration to begin with.</summary>
internal static class AggregatorSample
{
    internal const string Text = LinkConfig.Sample + """
        # model: { channels: 6, samples: 128, classes: 6, seed: 42 }   # that of the sensors; --model-of sensor.yaml writes it
        aggregate:
          strategy:                       # what makes a version; fedbuff: every so many updates, whoever made them
            fedbuff: { updates: 10, staleness: 1 }
          switchable:                     # what it can be told to go on with: streamlearn-aggregator switch fedavg
            - fedavg: { devices: 1 }      # begins with this many devices; a version waits for all that are there
            # - fedasync: { devices: 3 }  # also fedavgm, fedprox, fedadam, fedyogi, fedadagrad, fedmedian, fedtrimmedmean, oneshot
          devices: 100                    # as many are expected; with updates_under_way it bounds what is under way
          updates_under_way: 2            # of a device, as in its own file
          lease: 6s                       # a device that says nothing for so long is gone: three heartbeats

        """;
}
