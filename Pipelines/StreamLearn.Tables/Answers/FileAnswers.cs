using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>Windows of files for a model that answers them, in a run or in virtual time.</summary>
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
        (Columns, _model) = (columns, model);
        Devices = AnswerRows.DevicesOf(columns, follow is null ? int.MaxValue : MaxDevices, say);
        _form = AnswerRows.FormOf(columns, model.Preparation, follow, Devices);
        _maxDevices = follow is null ? Devices?.All.Length ?? 1 : MaxDevices;
    }

    internal OwnColumns Columns { get; }

    /// <summary>Null: all rows are of one.</summary>
    internal DeviceNames? Devices { get; }

    /// <summary>The block whose metrics count rows that were filled in or left out.</summary>
    internal string FillBlock => Devices is null ? "fill" : $"per-key {Schema.LabelColumn}";

    /// <summary>Each device by itself. Not yet in the model's form.</summary>
    internal Flow<Batch> Windows(
        PipelineBuilder builder, Action<RefusedRow>? refuse = null, Action<RowGap>? gap = null, Action<Batch>? dropped = null)
    {
        var rows = Columns.Files.Play(builder, _form, refuse);
        return Devices is null ? Cut(rows) : rows.PerKey(Schema.LabelColumn, Cut, _maxDevices, TimeSpan.MaxValue);

        Flow<Batch> Cut(Flow<Batch> rows) => _model.Preparation.Cut(
            _model.Preparation.Rows(rows, gap), CheckQualityOptions.SegmentColumn, dropped);
    }
}
