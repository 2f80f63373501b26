using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>The model of an inference block, and the column that its answers carry beside time and label.</summary>
public sealed record InferBlock(IModel Model, string? Key = null) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningMessages.All;

    /// <summary>The values before a version comes; null: those that the model begins with.</summary>
    public Weights? Start { get; init; }

    public const string ClassColumn = "class";
    public const string ConfidenceColumn = "confidence";

    public const string ValueColumn = "value";
    public const string LossColumn = "loss";

    /// <summary>The column of what a row was told, which is carried over.</summary>
    public string? ToldColumn => Model.Plan.Target switch
    {
        TargetKind.Label => Schema.LabelColumn,
        TargetKind.Value => Schema.TargetColumn,
        _ => null,
    };

    public string State => "newest model version";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan);

    public Schema Output(Schema input)
    {
        RowLabels.Require(Model.Plan, input, labelled: false);
        var fields = new List<Field>(4);
        if (input.IndexOf(Schema.TimeColumn) is >= 0 and var time) { fields.Add(input.Fields[time]); }
        if (Key is not null) { fields.Add(input.Fields[KeyOf(input)]); }
        fields.AddRange(Answers(input));
        if (ToldColumn is { } name && input.IndexOf(name) is >= 0 and var told)
        {
            fields.Add(RowLabels.Carried(Model.Plan, input.Fields[told]));
        }

        return new(fields);
    }

    private int KeyOf(Schema input)
    {
        var key = input.IndexOf(Key!);
        return key >= 0 && input.Fields[key].Type is ColumnType.Int32 or ColumnType.Int64 ? key
            : throw new SchemaException($"expected an int32 or int64 column '{Key}', got {input}");
    }

    /// <summary>The columns of answers. A value has the unit of the target, where there is one.</summary>
    private Field[] Answers(Schema input)
    {
        if (Model.Plan.Target == TargetKind.Value)
        {
            if (Model.Plan.Outputs != 1) { throw new SchemaException($"expected a model of one value, got {Model.Plan.Outputs}"); }
            var unit = input.IndexOf(Schema.TargetColumn) is >= 0 and var target ? input.Fields[target].Unit : Unit.One;
            return [Field.Channel(ValueColumn, unit)];
        }

        var second = Model.Plan.Target == TargetKind.Label ? ConfidenceColumn : LossColumn;
        return [new(ClassColumn, ColumnType.Int32, Unit.One), Field.Channel(second, Unit.One)];
    }

    public override string ToString() => Model.Structure;
}
