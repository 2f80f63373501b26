using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Where the columns of answers stand in a schema; −1 for one that is not there.</summary>
internal readonly record struct AnswerColumns(int ClassAt, int ConfidenceAt, int LabelAt, int KeyAt, int ProbabilitiesAt)
{
    /// <summary>The name of a class's probability.</summary>
    internal static string Probability(int index) => string.Create(CultureInfo.InvariantCulture, $"probability{index}");

    /// <summary>Finds out whether a schema holds answers, and labels or keys as the block needs them.</summary>
    /// <exception cref="SchemaException">A column is absent, or of another type.</exception>
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
                throw new SchemaException(
                    $"expected the columns probability0 to probability{block.Classes - 1} side by side, got {schema}");
            }
        }

        return new(answer, confidence, label, key, first);
    }

    /// <summary>As <see cref="Require"/>, without an exception.</summary>
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

    /// <summary>True if a schema holds labels by key.</summary>
    internal static bool HasLabels(Schema schema, PrequentialBlock block) =>
        block.Delayed && schema.IndexOf(block.Options.Key) is >= 0 and var key && schema.Fields[key].Type == ColumnType.Int64
            && schema.IndexOf(Schema.LabelColumn) is >= 0 and var label && schema.Fields[label].Type == ColumnType.Int32;

    /// <summary>The class of a row; −1 if it is missing.</summary>
    internal int Answer(Batch batch, int row)
    {
        var column = batch.Columns[ClassAt];
        return column.IsValid(row) ? column.Values<int>()[row] : -1;
    }

    /// <summary>The confidence of a row; NaN if it is missing.</summary>
    internal float Confidence(Batch batch, int row)
    {
        var column = batch.Columns[ConfidenceAt];
        return column.IsValid(row) ? column.Values<float>()[row] : float.NaN;
    }

    /// <summary>The label of a row, if it has one.</summary>
    internal int? Label(Batch batch, int row) =>
        LabelAt >= 0 && batch.Columns[LabelAt].IsValid(row) ? batch.Columns[LabelAt].Values<int>()[row] : null;

    /// <summary>The key of a row, if it has one.</summary>
    internal long? Key(Batch batch, int row) => batch.Columns[KeyAt].IsValid(row) ? batch.Columns[KeyAt].Values<long>()[row] : null;

    /// <summary>The probabilities of a row; empty if there are none.</summary>
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
