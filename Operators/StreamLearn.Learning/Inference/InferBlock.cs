namespace StreamLearn.Learning;

/// <summary>A block that answers rows with a model, and the columns of its answers.</summary>
/// <param name="Model">The model.</param>
/// <param name="Key">A column that answers have in addition to time and label; null: none.</param>
public sealed record InferBlock(IModel Model, string? Key = null) : IBlockOptions
{
    /// <summary>The class of a row, int32.</summary>
    public const string ClassColumn = "class";

    /// <summary>The probability of that class, 0 to 1, float32.</summary>
    public const string ConfidenceColumn = "confidence";

    /// <summary>The value of a row, float32, for a regression model.</summary>
    public const string ValueColumn = "value";

    /// <summary>The loss of a row, float32, for a model without labels.</summary>
    public const string LossColumn = "loss";

    /// <summary>The exit that answered, int32.</summary>
    public const string ExitColumn = "exit";

    /// <summary>The model version that answered, int64.</summary>
    public const string VersionColumn = "version";

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    /// <summary>True if answers have the column <see cref="VersionColumn"/>, which the block writes. Default false.</summary>
    public bool Versions { get; init; }

    /// <summary>The weights before a version arrives; null: the model's initial weights.</summary>
    public Weights? Start { get; init; }

    /// <summary>The column of labels or targets that answers contain; null for a model that learns from neither.</summary>
    public string? ToldColumn => Model.Plan.Target switch
    {
        TargetKind.Label => Schema.LabelColumn,
        TargetKind.Value => Schema.TargetColumn,
        _ => null,
    };

    /// <inheritdoc />
    public string State => "newest model version";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan);

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        RowLabels.Require(Model.Plan, input, labelled: false);
        var fields = new List<Field>(4);
        if (input.IndexOf(Schema.TimeColumn) is >= 0 and var time) { fields.Add(input.Fields[time]); }
        if (Key is not null) { fields.Add(input.Fields[KeyOf(input)]); }
        fields.AddRange(Answers(input));
        if (Versions) { fields.Add(new(VersionColumn, ColumnType.Int64, Unit.One)); }
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

    /// <summary>A value has the unit of the target, if there is one.</summary>
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

    /// <inheritdoc />
    public override string ToString() => Model.Structure;
}
