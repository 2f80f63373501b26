using System.Collections.Frozen;
using System.Globalization;

namespace Sensor;

/// <summary>Warns once for each notable refusal reason. <paramref name="model"/>: describes differences from the fleet's model.</summary>
internal sealed class RefusalWatch(
    SensorConfig config, ModelWatch model, IReadOnlyList<(string Name, Func<string, long> Counter)> devices, Action<string> say)
{
    private const int MinUntaught = 10;

    /// <summary>Refusals caused by the update itself; late and duplicate updates are normal.</summary>
    private static readonly FrozenDictionary<string, string> Faults = new Dictionary<string, string>
    {
        ["shape"] = "it claims to be of this model, but has another number of values or channels",
        ["identity"] = "its sequence number is far behind the device's newest",
        ["version"] = "its base version does not exist",
        ["non-finite"] = "it has an infinite value or NaN",
        ["norm"] = "it changes the model much more than the updates of other devices",
        ["rolled-back"] = "the device reverted all its steps, because the loss or a weight was infinite or NaN",
        ["flood"] = "the device sends more than twice as many updates as all others together, which makes theirs stale",
        ["share"] = "half of the updates of the round are already from this device",
        ["fleet-full"] = "the aggregator's limit of devices is reached",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly HashSet<(string What, string Device)> _said = [];

    /// <summary>Excludes counts before the start, which were reported already.</summary>
    internal static Func<string, long> Since(IReadOnlyDictionary<string, long> before, Func<string, long> counted) =>
        name => counted(name) - before.GetValueOrDefault(name);

    internal void Look()
    {
        OfEach("updates-refused-schema", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'schema': "
                + (model.Difference ?? $"their models differ; this one's is {config.Model}"));
        OfEach("updates-refused-fenced", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'fenced': a device of that name has started later, with another state "
                + "folder, or somebody else uses its name. Run only one of them. To keep this one, stop it, move "
                + $"{config.Link.OpenState().Of(device)} away, and start it again. If it is still refused then, {Forget(device)}");
        OfEach("updates-refused-two-programs", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'two-programs': another program uses the same name with a copy of this "
                + $"state, for example from a copied card. Stop one of them, move its {config.Link.OpenState().Of(device)} away, and "
                + "give it another name");
        OfEach("updates-refused-implausible-epoch", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'implausible-epoch': by the aggregator's clock it started more than a day "
                + $"ahead. Set both clocks, stop the device, move {config.Link.OpenState().Of(device)} away, and start it again");
        OfEach("updates-refused-quarantined", (device, _) =>
            $"the aggregator ignores {device} for ten minutes ('quarantined'): many of its messages were invalid, such as updates with "
                + $"infinite values. To end this sooner, {Forget(device)}");
        OfEach("numbers-passed-over", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"the state of {device} is older: the aggregator has received {count} more updates from it. The device continues after "
                + $"them"));
        OfEach("updates-renumbered", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{count} updates of {device} reused numbers, because its state was restored from an older copy; they are sent again"));
        OfEach("updates-lost", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{count} updates of {device} that an aggregator had accepted are lost: it restarted without them, or another one took its "
                + $"place"));
        OfEach("updates-refused-no-samples", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{device} learns nothing while all its rows have one class: {count} updates so far; ")
                + "set adjust_logits: false under learn to change this", MinUntaught);
        foreach (var (reason, meaning) in Faults)
        {
            OfEach($"updates-refused-{reason}", (device, _) =>
                $"the aggregator has refused an update of {device} as '{reason}': {meaning}; status shows the count");
        }
    }

    private static string Forget(string device) =>
        $"run streamlearn-aggregator devices forget {device} with the aggregator's configuration";

    private void OfEach(string counter, Func<string, long, string> text, long least = 1)
    {
        foreach (var (name, counted) in devices)
        {
            var count = counted(counter);
            if (count >= least && _said.Add((counter, name))) { say(text(name, count)); }
        }
    }
}
