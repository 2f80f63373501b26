using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

internal sealed record RowQuestionsBlock(string Key, int MaxBatchRows) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.CascadeMessages;

    public int MaxOutputsPerCall => MaxBatchRows;

    public Schema Output(Schema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Require(Key, ColumnType.Int64);
        return input;
    }

    public override string ToString() => $"by {Key}";
}

internal sealed class RowQuestions(RowQuestionsBlock block, OperatorContext context, IOutput<CascadeQuestion> output) : Operator<Batch>
{
    private Schema? _known;
    private int _key;
    private ImmutableArray<PrivacyLabel> _labels = [];

    public override void Process(Batch batch)
    {
        if (batch.Rows > block.MaxBatchRows)
        {
            throw new ArgumentException($"expected at most {block.MaxBatchRows} rows in a batch, got {batch.Rows}");
        }

        if (!TryKnow(batch.Schema))
        {
            context.Drop(batch, "schema");
            return;
        }

        var keys = batch.Columns[_key].Values<long>();
        for (var row = 0; row < batch.Rows; row++)
        {
            var values = new float[batch.Channels.Count];
            for (var c = 0; c < values.Length; c++)
            {
                var channel = batch.Channels[c];
                values[c] = channel.IsValid(row) ? channel.Values<float>()[row] : float.NaN;
            }

            output.Emit(new()
            {
                Key = keys[row],
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
                ValueLabels = _labels,
                Label = batch.PrivacyOf(row),
            });
        }

        batch.Dispose();
    }

    private bool TryKnow(Schema schema)
    {
        if (ReferenceEquals(schema, _known)) { return true; }
        _key = schema.IndexOf(block.Key);
        if (_key < 0 || schema.Fields[_key].Type != ColumnType.Int64) { return false; }
        var channels = schema.Fields.Where(static f => f.Type == ColumnType.Float32).ToList();
        _labels = channels.TrueForAll(static f => f.Privacy == PrivacyLabel.Public) ? [] : [.. channels.Select(static f => f.Privacy)];
        _known = schema;
        return true;
    }
}
