namespace StreamLearn.Tables;

internal sealed class FileAnswers
{
    private const int MaxDevices = 10_000;     // maximum devices of a growing file

    private readonly WindowModelFile _model;
    private readonly OwnForm _form;
    private readonly int _maxDevices;

    /// <summary><paramref name="follow"/>: poll interval at the end of a growing file; null: it does not grow.</summary>
    /// <exception cref="ProgramException">The rows lack a channel of the model.</exception>
    internal FileAnswers(OwnColumns columns, WindowModelFile model, TimeSpan? follow, Action<string> say)
    {
        (Columns, _model, Seen) = (columns, model, new(model));
        Devices = AnswerRows.DevicesOf(columns, follow is null ? int.MaxValue : MaxDevices, say);
        _form = AnswerRows.FormOf(columns, model.Preparation, follow, Devices);
        _maxDevices = follow is null ? Devices?.All.Length ?? 1 : MaxDevices;
    }

    internal OwnColumns Columns { get; }

    internal DeviceNames? Devices { get; }

    internal SeenValues Seen { get; }

    internal string FillBlock => Devices is null ? "fill" : $"per-key {Schema.LabelColumn}";

    internal Flow<Batch> Windows(PipelineBuilder builder, Action<RefusedRow>? refuse = null, Action<RowGap>? gap = null,
        Action<int, double>? resampled = null)
    {
        var rows = Seen.Of(Columns.Files.Play(builder, _form, refuse));
        return Devices is null ? Cut(rows) : rows.PerKey(Schema.LabelColumn, Cut, _maxDevices, TimeSpan.MaxValue);

        Flow<Batch> Cut(Flow<Batch> rows) => _model.Preparation.CutPaced(rows, gap, resampled);
    }
}
