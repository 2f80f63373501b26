namespace StreamLearn;

/// <summary>Properties that a block declares before it runs. An options record overrides the defaults that differ.</summary>
public interface IBlockOptions
{
    /// <summary>Maximum number of messages per call; default 1.</summary>
    int MaxOutputsPerCall => 1;

    /// <summary>The name of the state kept across calls, which the delivery level <c>processed</c> does not cover; null: none. The operator
    /// must be <see cref="IStateful"/>, or the pipeline cannot keep checkpoints.</summary>
    string? State => null;

    /// <summary>Returns the maximum size of that state in bytes; default 0: unknown, which <see cref="Pipeline.Explain()"/> then
    /// reports.</summary>
    /// <param name="input">The input schema, or null.</param>
    long StateBytes(Schema? input) => 0;

    /// <summary>Returns the schema of the main output.</summary>
    /// <exception cref="SchemaException">A required column is absent or of another type or unit.</exception>
    Schema Output(Schema input) => input;

    /// <summary>Returns the schema of the main output of a block with two data inputs.</summary>
    /// <param name="first">The first input's schema.</param>
    /// <param name="second">The second input's schema.</param>
    /// <exception cref="SchemaException">A required column is absent or of another type or unit, or two columns have the same
    /// name.</exception>
    Schema Output(Schema first, Schema second) => Output(first);

    /// <summary>Returns the maximum number of rows in a batch on the main output, for <see cref="Pipeline.Explain"/>; default null:
    /// unknown.</summary>
    /// <param name="input">Maximum number of rows in an input batch, or null.</param>
    int? MaxRows(int? input) => null;

    /// <summary>Size in bytes of the largest received or emitted message that is not a batch; default 0: unknown. Edges without explicit
    /// bounds hold four of them.</summary>
    long MessageBytes => 0;

    /// <summary>True if an output may be left unconnected and its messages discarded; default false.</summary>
    /// <param name="port">The output, from 0.</param>
    bool IsOptional(int port) => false;

    /// <summary>True for a source of live data, such as measurements of the machine. Replays and the simulation refuse it. Default false:
    /// options, seed and time determine its messages.</summary>
    bool IsLive => false;

    /// <summary>Input that the block ignores, such as columns that no batch can hold, as <see cref="Pipeline.Explain()"/> lists it. Default
    /// none.</summary>
    IReadOnlyList<string> LeftOut => [];

    /// <summary>Checkpoint codecs of received or emitted messages that are not batches. Default none: uses a publication's or
    /// subscription's codec, or <see cref="PipelineBuilder.SaveWith{T}"/>.</summary>
    IReadOnlyList<MessageCodec> MessageCodecs => [];
}
