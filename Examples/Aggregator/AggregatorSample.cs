using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>A configuration to begin with.</summary>
internal static class AggregatorSample
{
    internal const string Text = LinkConfig.Sample + """
        # model: { channels: 6, samples: 128, classes: 6, seed: 42 }   # that of the sensors; --model-of sensor.yaml writes it
        aggregate:
          strategy:                       # fedbuff: a version from every so many updates, whoever made them
            fedbuff: { updates: 10, staleness: 1 }
            # fedavg: { updates: 3 }      # a version waits for this many devices
          window: 256                     # updates under way at most
          # lease: 6s                     # a device that says nothing for so long is gone; needs heartbeat in its file

        """;
}
