using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal sealed record JobOptions : FleetOptions
{
    public TableOptions From { get; init; } = new();
    public WindowLength? Window { get; init; }      // null: 2.56 s, or what the data allow
    public string? Unseen { get; init; }        // devices held out for evaluation, separated by commas; null for a fifth of them
    public ModelKind? ModelAsked { get; init; }
    public bool Alone { get; init; }
    public bool Fleet { get; init; }            // of own rows; others are a fleet unless Alone
    public double? Bound { get; init; }         // share of the answers whose set contains the true class; null for none
    public TensorCode? Code { get; init; }      // code of a fleet's updates; null: float32
    public int Seeds { get; init; } = 1;        // number of seeds, from Seed on
    public DirectoryInfo? Checkpoint { get; init; }         // where the job is saved and resumed; null for nowhere

    /// <summary>One machine learns from own rows unless a fleet is asked for.</summary>
    internal bool IsAlone => Alone || (Rows is not null && !Fleet);

    internal override string Title => "StreamLearn fit";

    internal override string HostName => IsAlone ? "alone" : base.HostName;

    internal override string DefaultScenario => Rows is null ? base.DefaultScenario : "straggler.json";

    internal override string? AnswerCommand(string model) => Rows is null ? null
        : $"streamlearn answer {model} {RowsOption} {NewRows}"
            + (From.Device is null or "none" ? "" : $" --device {OwnColumns.Quoted(From.Device)}")
            + (From.Join is null ? "" : $" --join {OwnColumns.Quoted(From.Join)}" + (From.Time is null ? ""
                : $" --time {OwnColumns.Quoted(From.Time)}"))
            + (From.TimeFormat is { } format ? $" --time-format {OwnColumns.Quoted(format)}" : "")
            + string.Concat(From.Form.Options.Select(static o => $" {o}"))
            + (From.Arrow is null ? "" : " --out answers.arrow");

    /// <summary>Stands in for other rows; where a part of the names says a device or what is joined, for files of such names.</summary>
    private string NewRows => From.Csv == Choices.StandardInput ? From.Csv
        : Rows!.IndexOf($"{{{From.Join ?? From.Device}}}", StringComparison.Ordinal) < 0 ? From.Arrow is null ? "new.csv" : "new.arrow"
        : OwnColumns.Quoted($"new/{Rows[(Rows.LastIndexOf('/', Rows.IndexOf('{', StringComparison.Ordinal)) + 1)..]}");

    internal string? Rows => From.Csv ?? From.Arrow;

    internal TableOptions Look => From with { EachRow = Window is { Seconds: null } };

    internal string RowsOption => From.RowsOption;

    /// <summary>The settings for one machine, or for the rows of a fleet.</summary>
    internal TableFitOptions Fit => new()
    {
        Model = Model,
        Unseen = Unseen is { } asked ? [asked] : [],
        WindowSeconds = Window?.Seconds,
        EachRow = Look.EachRow,
        Bound = Bound,
        MaxDevices = Devices,
        Seed = Seed,
    };

    internal ModelKind Model => ModelAsked ?? (Rows is null ? ModelKind.Conv : ModelKind.Auto);
}
