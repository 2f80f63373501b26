namespace StreamLearn;

/// <summary>Appends the named levels of a topic to its batch as int32 columns. Each subscription has one instance; known schemas and names
/// allocate nothing.</summary>
internal sealed class LevelColumns(TopicPattern pattern, TopicLevels levels, ICodec<Batch> codec)
{
    private readonly Range[] _texts = new Range[pattern.Names.Length];
    private readonly int[] _codes = new int[pattern.Names.Length];
    private Schema? _from;
    private Schema? _to;

    /// <summary>With the levels appended.</summary>
    /// <exception cref="ArgumentException">A column has the name of a level.</exception>
    internal static Schema Widened(Schema schema, TopicPattern pattern) =>
        new(schema.Fields.Concat(pattern.Names.Select(static n => new Field(n, ColumnType.Int32, Unit.One))));

    internal object? Decode(in Received message, BatchPool pool, out string? reason)
    {
        reason = null;
        if (!codec.TryDecode(message.Payload, pool, out var batch)) { return null; }
        if (!Fits(batch.Schema)) { reason = "schema"; }
        else if (!TryCodes(message.Topic)) { reason = "level-bound"; }
        var wide = reason is null ? Widen(batch, pool) : null;
        batch.Dispose();
        return wide;
    }

    private bool Fits(Schema schema)
    {
        if (ReferenceEquals(schema, _from)) { return true; }
        foreach (var name in pattern.Names)
        {
            if (schema.IndexOf(name) >= 0) { return false; }
        }

        if (schema.Fields.Length + pattern.Names.Length > Schema.MaxColumns) { return false; }
        if (!schema.Equals(_from)) { _to = Widened(schema, pattern); }
        _from = schema;
        return true;
    }

    private bool TryCodes(Topic topic)
    {
        pattern.Match(topic.Value, _texts);
        return levels.TryCodes(pattern.Names, topic.Value, _texts, _codes);
    }

    private Batch Widen(Batch batch, BatchPool pool)
    {
        var wide = pool.Rent(_to!, batch.Rows);
        var columns = batch.Schema.Fields.Length;
        for (var c = 0; c < columns; c++) { wide.Columns[c].CopyFrom(0, batch.Columns[c], 0, batch.Rows); }
        for (var i = 0; i < _codes.Length; i++) { wide.Columns[columns + i].Writable<int>().Fill(_codes[i]); }
        return wide;
    }
}
