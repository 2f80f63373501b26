namespace Aggregator;

/// <summary>A configuration to begin with.</summary>
internal static class AggregatorSample
{
    internal const string Text = """
        streamlearn: 1                    # version of this form
        fleet: plant                      # the same for all sensors and the aggregator
        link:
          url: nats://localhost:4222      # or tls://, mqtt://, mqtts://
          # login: login.txt              # two lines: user name and password
        aggregate:
          strategy:                       # fedbuff: a version from every so many updates, whoever made them
            fedbuff: { updates: 10, staleness: 1 }
            # fedavg: { updates: 3 }      # a version waits for this many devices
          window: 256                     # updates under way at most
          # lease: 6s                     # a device that says nothing for so long is gone; needs heartbeat in its file

        """;
}
