using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Column indices; −1: absent.</summary>
internal readonly record struct AnswerColumns(int ClassAt, int ConfidenceAt, int LabelAt, int KeyAt, int ProbabilitiesAt)
{
    internal static string Probability(int index) => string.Create(CultureInfo.InvariantCulture, $"probability{index}");

    internal static AnswerColumns Require(Schema schema, PrequentialBlock block)
    {
        var answer = schema.Require(InferBlock.ClassColumn, ColumnType.Int32);
        var confidence = schema.Require(InferBlock.ConfidenceColumn, ColumnType.Float32);
        var key = block.Delayed ? schema.Require(block.Options.Key, ColumnType.Int64) : -1;
        var labelled = !block.Delayed || schema.IndexOf(Schema.LabelColumn) >= 0;
        var label = labelled ? schema.Require(Schema.LabelColumn, ColumnType.Int32) : -1;
        var first = schema.IndexOf(Probability(0));
        for (var c = 0; first >= 0 && c < block.Classes; c++)
        {
            if (schema.Require(Probability(c), ColumnType.Float32) != first + c)
            {
                throw new SchemaException($"expected the columns probability0 to probability{block.Classes - 1} in sequence, got {schema}");
            }
        }

        return new(answer, confidence, label, key, first);
    }

    internal static bool TryFind(Schema schema, PrequentialBlock block, out AnswerColumns columns)
    {
        try
        {
            columns = Require(schema, block);
            return true;
        }
        catch (SchemaException)
        {
            columns = default;
            return false;
        }
    }

    internal static bool HasLabels(Schema schema, PrequentialBlock block) =>
        block.Delayed && schema.IndexOf(block.Options.Key) is >= 0 and var key && schema.Fields[key].Type == ColumnType.Int64
            && schema.IndexOf(Schema.LabelColumn) is >= 0 and var label && schema.Fields[label].Type == ColumnType.Int32;

    /// <summary>Returns the answer to a row; −1 if missing.</summary>
    internal int Answer(Batch batch, int row)
    {
        var column = batch.Columns[ClassAt];
        return column.IsValid(row) ? column.Values<int>()[row] : -1;
    }

    /// <summary>NaN if missing.</summary>
    internal float Confidence(Batch batch, int row)
    {
        var column = batch.Columns[ConfidenceAt];
        return column.IsValid(row) ? column.Values<float>()[row] : float.NaN;
    }

    internal int? Label(Batch batch, int row) =>
        LabelAt >= 0 && batch.Columns[LabelAt].IsValid(row) ? batch.Columns[LabelAt].Values<int>()[row] : null;

    internal long? Key(Batch batch, int row) => batch.Columns[KeyAt].IsValid(row) ? batch.Columns[KeyAt].Values<long>()[row] : null;

    internal ReadOnlySpan<float> Probabilities(Batch batch, int row, Span<float> into)
    {
        if (ProbabilitiesAt < 0) { return default; }
        for (var c = 0; c < into.Length; c++)
        {
            var column = batch.Columns[ProbabilitiesAt + c];
            into[c] = column.IsValid(row) ? column.Values<float>()[row] : float.NaN;
        }

        return into;
    }
}
