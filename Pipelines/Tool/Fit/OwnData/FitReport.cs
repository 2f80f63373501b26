using System.Text.Json;
using System.Text.Json.Nodes;
using StreamLearn.Tables;

namespace Tool;

/// <summary><paramref name="Seconds"/>: virtual time.</summary>
internal sealed record ValueRun(string Mode, double MeanAbsoluteError, long Versions, long Version, double Seconds,
    long RowsTrained, long BytesUp, double BytesPerUpdate, string WeightsSha256);

/// <summary>A fit in the form that the program shows and writes. <paramref name="Started"/>: the job's timestamp.</summary>
internal sealed record FitReport(TableFit Fit, FitRows Rows, long Seed, string Host, long Started)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal IReadOnlyList<ValueRun> Runs { get; init; } = [];

    /// <summary>Code of a fleet's updates; null: float32.</summary>
    internal string? Code { get; init; }

    internal double Seconds { get; } = Math.Round(TimeProvider.System.GetElapsedTime(Started).TotalSeconds, 3);

    internal Majority Majority => Majority.Of(
        Rows.Classes, [.. Fit.Confusion.Chunk(Math.Max(1, Rows.Classes.Length)).Select(static r => r.Sum())]);

    /// <summary>Interval of the accuracy at 95 % confidence: of other devices, or if there is one, of its other windows; empty:
    /// unknown, or refuted by those that judge.</summary>
    internal IReadOnlyList<double> AccuracyInterval => Rows.Unseen.IsEmpty ? Majority.Wilson(Fit.Accuracy, Fit.JudgedWindows / Rows.Overlap)
        : Fit.Promised is var (low, high) && Fit.Accuracy >= low ? [low, high] : [];

    internal string ToJson()
    {
        JsonObject json = new()
        {
            ["host"] = Host,
            ["data"] = Rows.Description,
            ["seed"] = Seed,
            ["model"] = Preparation.Word(Fit.Kind),
            ["choice"] = Fit.Choice,            // why it was chosen; null if the user chose it
        };
        if (Fit.Later is { } later)
        {
            json["later"] = new JsonObject          // on later times of the devices that it learned from
            {
                [Rows.Target is null ? "accuracy" : "mean_absolute_error"] = later.Score,
                [Rows.Target is null ? "accuracy_of_now" : "error_of_now"] = later.OfNow,
                ["test_rows"] = later.Windows,
                ["advice"] = later.Advice,          // null: the model is better than the value of now
            };
        }

        if (Rows.Target is null) { AddClasses(json); }
        else { AddValues(json); }
        json["wall_seconds"] = Seconds;
        return json.ToJsonString(Indented);
    }

    private void AddClasses(JsonObject json)
    {
        var majority = Majority;
        json["accuracy"] = Fit.Accuracy;                // on held-out windows
        json["majority_share"] = majority.Share;        // accuracy of always answering the most frequent class
        json["majority_class"] = majority.Class;
        json["accuracy_interval"] = Of(AccuracyInterval, static x => x);
        json["promised_interval"] = Promised;
        json["kappa"] = Fit.Kappa;
        json["macro_f1"] = Fit.MacroF1;
        json["accuracy_of_now"] = Fit.AccuracyOfNow;
        json["chance"] = Fit.Chance;
        json["learned_rows"] = Fit.LearnedWindows;
        json["test_rows"] = Fit.JudgedWindows;
        json["epochs"] = Fit.Epochs;
        json["steps"] = Fit.Steps;
        json["ended"] = Fit.Ended;
        json["classes"] = Of(Rows.Classes, static c => c);
        json["confusion"] = Of(Fit.Confusion, static n => n);
        json["people"] = Of(Fit.Devices, static d =>
            new JsonObject { ["name"] = d.Name, ["rows"] = d.Windows, ["correct"] = d.Correct });
    }

    private void AddValues(JsonObject json)
    {
        json["target"] = Rows.Target!.Name;
        json["unit"] = Rows.Target.Unit.Symbol;               // 1 without a unit
        json["mean_absolute_error"] = Fit.MeanAbsoluteError;
        json["promised_interval"] = Promised;
        json["error_of_mean"] = Fit.ErrorOfMean;                // error of always answering the mean
        json["error_of_now"] = Fit.ErrorOfNow;                  // error of the current value as a forecast
        json["root_mean_square_error"] = Fit.Errors.RootMeanSquare;
        json["r2"] = double.IsNaN(Fit.Errors.R2) ? null : Fit.Errors.R2;
        json["nothing_to_learn"] = Fit.NothingToLearn;
        json["bound"] = Fit.Bound;
        json["bound_half"] = Fit.BoundHalf;
        json["covered"] = Fit.Covered;
        json["learned_rows"] = Fit.LearnedWindows;
        json["test_rows"] = Fit.JudgedWindows;
        json["epochs"] = Fit.Epochs;                            // 0 for a fleet
        json["steps"] = Fit.Steps;
        json["ended"] = Fit.Ended;
        json["code"] = Code;
        json["runs"] = Of(Runs, static r => new JsonObject
        {
            ["mode"] = r.Mode,
            ["mean_absolute_error"] = r.MeanAbsoluteError,
            ["versions"] = r.Versions,
            ["version"] = r.Version,        // in the model's file
            ["seconds"] = r.Seconds,
            ["rows_trained"] = r.RowsTrained,
            ["bytes_up"] = r.BytesUp,
            ["bytes_per_update"] = r.BytesPerUpdate,
            ["weights_sha256"] = r.WeightsSha256,
        });
        json["devices"] = Of(Fit.Devices, static d =>
            new JsonObject { ["name"] = d.Name, ["rows"] = d.Windows, ["mean_absolute_error"] = d.MeanAbsoluteError });
    }

    private JsonArray Promised => Of<double>(Fit.Promised is var (low, high) ? [low, high] : [], static x => x);

    private static JsonArray Of<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => [.. items.Select(node)];
}
