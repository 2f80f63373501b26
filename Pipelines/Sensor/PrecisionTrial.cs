using System.Globalization;
using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Sensor;

internal static class PrecisionTrial
{
    private const int MaxWindows = 4000;
    private const long MaxBytes = 256 << 20;
    private const int MinJudged = 20;
    private const int HeldOf = 3;           // one in this many devices is held out, or stretches of a single device
    private const int Stretch = 16;         // windows per stretch

    private static readonly TimeSpan MaxFit = TimeSpan.FromSeconds(3);

    /// <summary>A new model is trained briefly first.</summary>
    internal static IEnumerable<string> Lines(string text, TimeProvider time)
    {
        var config = ConfigTree.Parse("config init", text).Read(SensorConfig.Read).Value;
        var model = config.Model.Create();
        var most = (int)Math.Clamp(MaxBytes / (sizeof(float) * (long)model.Plan.Input.Size), 1, MaxWindows);
        var (rows, devices) = Collected(config, model.Plan.Input.Samples, most);
        var (learned, held) = Parted(rows);
        var ranges = Math.Min(PrecisionKeys.Windows, held.Count / 2);
        if (held.Count - ranges < MinJudged || (config.Model.Start is null && learned.Count < MinJudged))
        {
            return ["precision: too few windows to compare int8 with float32"];
        }

        var isLearned = config.Model.Start is not null;
        var loaded = new LoadedModel(model, isLearned ? model.Initial : Fitted(model, learned, time), CardOf(config.Model));
        var judged = Where(held, row => row >= ranges);
        var whole = ModelTrial.Of(loaded, judged, time, CancellationToken.None);
        try
        {
            var small = loaded.Quantize(new(held.Features.Span[..(ranges * model.Plan.Input.Size)], ranges));
            var trial = ModelTrial.Of(small, judged, time, CancellationToken.None);
            return
            [
                FormattableString.Invariant($"precision of {judged.Count:N0} windows ")
                    + (isLearned ? "with the file's model, which may have been trained on them"
                        : FormattableString.Invariant($"after learning from {learned.Count:N0} others ")
                            + FormattableString.Invariant($"for {MaxFit.TotalSeconds} s at most"))
                    + "; to answer in int8, add a section 'answer' and 'precision: int8' to 'model'",
                Line("float32", loaded, config.Model, Again(whole, loaded)), Line("int8", small, config.Model, Again(trial, small)),
                .. Never(rows, most / devices),
            ];
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return [$"precision: the model cannot be converted to int8: {e.Message}"];
        }

        ModelTrial Again(ModelTrial trial, LoadedModel model) =>
            trial with { Seconds = ModelTrial.Again(trial.Seconds, model, judged, time, CancellationToken.None) };
    }

    /// <summary>Warns if no device has enough windows for int8.</summary>
    private static IEnumerable<string> Never(RecordedRows rows, int taken)
    {
        var most = rows.Groups.IsEmpty ? rows.Count : rows.Groups.ToArray().CountBy(static g => g).Max(static g => g.Value);
        if (most > PrecisionKeys.Windows || most >= taken) { yield break; }
        yield return FormattableString.Invariant($"  a device answers in int8 after its first {PrecisionKeys.Windows} windows; ")
            + FormattableString.Invariant($"in these files a device has at most {most}");
    }

    private static string Line(string name, LoadedModel model, ModelConfig config, ModelTrial trial)
    {
        var score = config.Target is { } target
            ? string.Create(CultureInfo.InvariantCulture, $"mean error {trial.Score:G3}")
                + (target.Unit == Unit.One ? "" : $" {target.Unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{100 * trial.Score:0.0} % right");
        var bytes = ModelFile.Save(model.Model, model.Weights, model.Card).Length;
        return string.Create(CultureInfo.InvariantCulture,
            $"  {name,-8} {score}, {1e6 * trial.Seconds:G3} µs a window, {bytes:N0} bytes");
    }

    private static ModelCard CardOf(ModelConfig model) =>
        model.Path is { } path && !path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? CompressedValues.Load(path).Card : model.Card;

    private static Weights Fitted(Network model, RecordedRows rows, TimeProvider time)
    {
        using var over = new CancellationTokenSource(MaxFit, time);
        return model.Fit(rows, new() { Epochs = 30, Stop = over.Token }).Weights;
    }

    private static (RecordedRows Rows, int Devices) Collected(SensorConfig config, int samples, int windows)
    {
        var devices = SensorDevices.Measured(config, static _ => null, []);
        var collector = new RowCollector(samples);
        using var world = new VirtualWorld();
        foreach (var (place, device) in devices.Index())
        {
            world.Add(Pipeline.Define(device.Name, p =>
            {
                var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
                faulty.Discard();
                SensorDevices.Windows(config, device, good).Take(Math.Max(1, windows / devices.Count))
                    .ForEach("collect", batch => collector.Add(batch, place));
            }));
        }

        world.RunToEnd();
        return (collector.ToRows(), devices.Count);
    }

    /// <summary>Holds out one device in three, or stretches of a single device; neighboring windows that overlap are dropped.</summary>
    private static (RecordedRows Learned, RecordedRows Held) Parted(RecordedRows rows)
    {
        var devices = rows.Groups.IsEmpty ? 1 : 1 + rows.Groups.ToArray().Max();
        bool IsHeld(int row) => devices == 1 ? row / Stretch % HeldOf == HeldOf - 1
            : devices < HeldOf ? rows.Groups.Span[row] == devices - 1 : rows.Groups.Span[row] % HeldOf == HeldOf - 1;
        bool IsBeside(int row) => devices == 1 && (IsHeld(row + 1) || (row > 0 && IsHeld(row - 1)));
        return (Where(rows, row => !IsHeld(row) && !IsBeside(row)), Where(rows, IsHeld));
    }

    private static RecordedRows Where(RecordedRows rows, Func<int, bool> isTaken)
    {
        var taken = Enumerable.Range(0, rows.Count).Where(isTaken).ToList();
        var size = rows.Features.Length / Math.Max(1, rows.Count);
        float[] features = [.. taken.SelectMany(row => rows.Features.Slice(row * size, size).ToArray())];
        return rows.Targets.IsEmpty ? new(features, taken.Select(row => rows.Labels.Span[row]).ToArray())
            : new(features, taken.Select(row => rows.Targets.Span[row]).ToArray());
    }
}
