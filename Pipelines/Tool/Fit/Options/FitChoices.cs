using System.CommandLine;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal sealed class FitChoices
{
    private readonly RowChoices _rows = new();

    private readonly RunChoices _run = new();

    private readonly Option<string?> _unseen = Of<string?>("--unseen",
        "Devices held out to evaluate the model: 'p07,p09'; with --csv or --arrow. Default: one of five. With one "
            + "device the last fifth of each class is held out.", "devices");

    private readonly Option<ModelKind?> _model = Words.Option(
        "--model", "conv: convolutions over samples. linear: softmax regression on features of windows, of values ridge regression. "
            + "features: a small network on them. rocket: as linear, on random convolutions of windows. "
            + "lags: as linear, on the raw rows of a window. auto: tries all (lags only for forecasts) and compares them on "
            + "held-out devices. Default auto with --csv or --arrow, else conv.",
        ("conv", ModelKind.Conv), ("features", ModelKind.Features), ("auto", ModelKind.Auto), ("linear", ModelKind.Linear),
        ("rocket", ModelKind.Rocket), ("lags", ModelKind.Lags));

    private readonly Option<bool> _alone = Of<bool>("--alone",
        "One machine learns from all rows: the default with --csv and --arrow; also with --data.");

    private readonly Option<bool> _fleet = Of<bool>("--fleet",
        "The devices of your rows are a simulated fleet, with a slow one and slow links (--scenario); with --csv or --arrow. One device "
            + "learns on one machine.");

    private readonly Option<double?> _bound = Numbers.Optional(
        "--bound", "Judge by devices left out how many classes, or which bounds of a value, hold the right one for this share of the "
            + "windows: 0.9; by 15 devices or more. A fleet then learns five times more, each time without a "
            + "fifth of its devices.",
        0.5, 0.999);

    private readonly Option<int?> _seeds = Numbers.Optional<int>(
        "--seeds", "Run the job with this many seeds, starting at --seed, 1 to 100, and show mean and spread; the report is of the "
            + "first. Default 1.",
        1, 100);

    private readonly Option<DirectoryInfo?> _checkpoint = Of<DirectoryInfo?>("--checkpoint",
        "A folder where the job is saved about every second and at Ctrl-C; the same command goes on from there, and ends with the same "
            + "bits.");

    private readonly Option<TensorCode?> _code = new("--code")
    {
        Description = $"Send updates in fewer bytes: {TensorCodes.Forms}. The first mode also runs without it, and the result compares "
            + "bytes of an update and accuracy.",
        HelpName = "code",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (TensorCodes.TryParse(text) is { } code) { return code; }
            result.AddError($"--code: expected {TensorCodes.Forms}, got '{text}'");
            return null;
        },
    };

    internal void AddTo(Command command) => Given.Add(command,
        [_run.Data, .. _rows.ToLearn, _unseen, _model, _alone, _fleet, _bound, _seeds, .. _run.OfRun, _checkpoint, _code],
        OptionRules.OfFit);

    internal JobOptions Of(ParseResult result) => (JobOptions)_run.Of(result, new JobOptions
    {
        From = _rows.Of(result),
        Window = _rows.WindowOf(result),
        Unseen = result.GetValue(_unseen),
        ModelAsked = result.GetValue(_model),
        Alone = result.GetValue(_alone),
        Fleet = result.GetValue(_fleet),
        Bound = result.GetValue(_bound),
        Seeds = result.GetValue(_seeds) ?? 1,
        Checkpoint = result.GetValue(_checkpoint),
        Code = result.GetValue(_code),
    });

    private static Option<T> Of<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, HelpName = help };
}
