namespace StreamLearn;

/// <summary>Properties of a block, declared before it runs; an options record overrides the defaults that differ.</summary>
public interface IBlockOptions
{
    /// <summary>Maximal messages per call; default 1.</summary>
    int MaxOutputsPerCall => 1;

    /// <summary>State kept across calls that delivery level <c>processed</c> does not cover; null: none. Its operator must be
    /// <see cref="IStateful"/>, or the pipeline cannot keep checkpoints.</summary>
    string? State => null;

    /// <summary>Returns the maximal bytes of that state; default 0: unknown, as <see cref="Pipeline.Explain()"/> then reports.</summary>
    /// <param name="input">The input schema, or null.</param>
    long StateBytes(Schema? input) => 0;

    /// <summary>Returns the main output's schema.</summary>
    /// <param name="input">The input schema.</param>
    /// <exception cref="SchemaException">A required column is absent or of another type or unit.</exception>
    Schema Output(Schema input) => input;

    /// <summary>Returns the main output's schema of a block with two data inputs.</summary>
    /// <param name="first">The first input's schema.</param>
    /// <param name="second">The second input's schema.</param>
    /// <exception cref="SchemaException">A required column is absent or of another type or unit, or two have one name.</exception>
    Schema Output(Schema first, Schema second) => Output(first);

    /// <summary>Returns the maximal rows of a main output batch, for <see cref="Pipeline.Explain"/>; default null: unknown.</summary>
    /// <param name="input">Maximal rows of an input batch, or null.</param>
    int? MaxRows(int? input) => null;

    /// <summary>Bytes of the largest non-batch message taken or emitted; default 0: unknown. Edges without explicit bounds hold four of
    /// them.</summary>
    long MessageBytes => 0;

    /// <summary>True if an output may be left unconnected and its messages discarded; default false.</summary>
    /// <param name="port">The output, from 0.</param>
    bool IsOptional(int port) => false;

    /// <summary>True for a source of live data, such as of its machine, which replays and the simulation refuse. Default false: options,
    /// seed and time determine its messages.</summary>
    bool IsLive => false;

    /// <summary>Ignored input, such as columns that no batch can hold, listed by <see cref="Pipeline.Explain()"/>. Default none.</summary>
    IReadOnlyList<string> LeftOut => [];

    /// <summary>Checkpoint codecs of non-batch messages taken or emitted. Default none: uses a publication's or subscription's codec, or
    /// <see cref="PipelineBuilder.SaveWith{T}"/>.</summary>
    IReadOnlyList<MessageCodec> MessageCodecs => [];
}
