namespace StreamLearn.Formats;

internal sealed class RowSource(RowsPlan plan, OperatorContext context) : Source<Batch>, IStateful, IDisposable
{
    internal const string Format = "file-rows/1";

    private readonly RowsReading _rows = new(plan, context);

    public override bool LooksAgain => plan.Options.Follow is not null;

    public override DateTimeOffset? NextAt => _rows.NextAt();

    public string StateFormat => Format;

    public override Batch Next() =>
        _rows.NextAt() is not null && _rows.HasRows ? _rows.Take() : throw new InvalidOperationException("there are no rows");

    public void State(ref StateStream s) => _rows.State(ref s);

    public void Dispose() => _rows.Dispose();
}

internal sealed class RefusingRowSource(RowsPlan plan, OperatorContext context) : Source<FileRows>, IStateful, IDisposable
{
    private readonly RowsReading _rows = new(plan, context);

    public override bool LooksAgain => plan.Options.Follow is not null;

    public override DateTimeOffset? NextAt => _rows.NextAt();

    public string StateFormat => RowSource.Format;

    public override FileRows Next()
    {
        _ = _rows.NextAt() ?? throw new InvalidOperationException("there are no rows");
        var rows = new FileRows(_rows.HasRows ? _rows.Take() : null, [.. _rows.Refused]);
        _rows.ClearRefused();
        return rows;
    }

    public void State(ref StateStream s) => _rows.State(ref s);

    public void Dispose() => _rows.Dispose();
}

internal static class RowSources
{
    private const int MaxName = 100;

    internal static Flow<Batch> Add(PipelineBuilder builder, string format, RowsPlan plan, string settings) =>
        builder.From(Name(format, plan), new RowSourceBlock(format, plan.Files.Pattern, settings),
            (RowSourceBlock _, OperatorContext context) => new RowSource(plan, context), plan.Schema, plan.Options.BatchRows);

    internal static Fork<Batch, RefusedRow> AddWithRefused(PipelineBuilder builder, string format, RowsPlan plan, string settings) =>
        builder.From(Name(format, plan), new RowSourceBlock(format, plan.Files.Pattern, settings),
                (RowSourceBlock _, OperatorContext context) => new RefusingRowSource(plan, context))
            .Part(Name("refused", plan));

    internal static Fork<Batch, RefusedRow> Part(this Flow<FileRows> flow, string name) => flow.Via(name, new PartRefusedBlock(),
        (PartRefusedBlock _, OperatorContext _, IOutput<Batch> output, IOutput<RefusedRow> refused) => new PartRefused(output, refused));

    private static string Name(string first, RowsPlan plan) =>
        plan.Files.Pattern is { Length: > MaxName } pattern ? $"{first} …{pattern[^MaxName..]}" : $"{first} {plan.Files.Pattern}";
}
