namespace Sensor;

internal static class SensorSample
{
    internal const string Text = LinkConfig.Sample + """
        source:
          generator:                      # generated streams; or:
            users: [1, 2, 3]              # each is a device
            length: 10m
            speed: 0                      # times the recorded speed; 0: as fast as possible
          # recordings:                   # the raw files of the UCI HAR data set
          #   folder: har
          #   people: [1, 3, 5]           # each is a device
          # csv, mqtt, host:              # your own data: 'config init --csv FILE', '--mqtt TOPIC' and '--host NAME' write them
          # command, serial, nats:        # and these: docs/reference/configuration.md
        model: { channels: 6, samples: 128, classes: 6, seed: 42 }     # the same as in the aggregator's file
        pipeline:
          - check: { stuck: 5s }          # rows of a channel that stays the same for longer are left out
          - window: { samples: 128, hop: 64 }
          - learn: { rate: 0.05, momentum: 0.9, clip: 2, batch: 16, buffer: 128 }
          # - learn: { split: auto }      # the aggregator trains the last layers, as many as it plans: docs/guides/split-training.md
        exchange:
          mode: async                     # until the aggregator sets another; or barrier
          steps_per_update: 4
          updates_under_way: 2            # per device, at most
          heartbeat: 2s                   # interval of a device's heartbeats
        # answer: { topic: 'plant/{device}/answer' }   # devices answer while they learn; with model.file of 'fit --bound', bound: 0.9 too

        """;
}
