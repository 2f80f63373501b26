namespace StreamLearn;

/// <summary>What a block declares before it runs, so that a pipeline can be checked and counted. An options record implements what
/// differs from the defaults.</summary>
public interface IBlockOptions
{
    /// <summary>Messages that one call emits at most; 1 unless declared.</summary>
    int MaxOutputsPerCall => 1;

    /// <summary>State that lives across calls and that the delivery level <c>processed</c> does not cover; null if there is none. An
    /// operator that keeps some is <see cref="IStateful"/> too, or no checkpoint is kept of the pipeline.</summary>
    string? State => null;

    /// <summary>Bytes of that state at most, given the input's schema where it is known; 0, the default: not known, and
    /// <see cref="Pipeline.Explain()"/> says so.</summary>
    /// <param name="input">The schema of the batches coming in, or null.</param>
    long StateBytes(Schema? input) => 0;

    /// <summary>The schema of the batches on the main output, given that of the input.</summary>
    /// <param name="input">The schema of the batches coming in.</param>
    /// <exception cref="SchemaException">A column that the block needs is absent or of another type or unit.</exception>
    Schema Output(Schema input) => input;

    /// <summary>Rows that a batch on the main output has at most, so that <see cref="Pipeline.Explain"/> can say what edges may hold; null,
    /// the default: not known.</summary>
    /// <param name="input">Rows that a batch coming in has at most, or null.</param>
    int? MaxRows(int? input) => null;

    /// <summary>Bytes of the largest message that the block takes or emits, where those are no batches and that is known; 0, the default:
    /// not known. Edges whose bound nobody has set hold four of them.</summary>
    long MessageBytes => 0;

    /// <summary>True if an output may go nowhere: what comes out of it is then let go. Default: none may.</summary>
    /// <param name="port">The output, from 0.</param>
    bool IsOptional(int port) => false;

    /// <summary>True for a source that reads what is there only at that moment, such as the machine it runs on: nobody can repeat it, so
    /// that a replay and the virtual world refuse it by name. Default: its messages follow from its options, the seed and the
    /// time.</summary>
    bool IsLive => false;

    /// <summary>What of its input the block leaves out, such as columns that no batch can hold; <see cref="Pipeline.Explain()"/> says so.
    /// Default: nothing.</summary>
    IReadOnlyList<string> LeftOut => [];

    /// <summary>How messages that the block takes or emits are saved in a checkpoint, where they are no batches. Default none: a
    /// publication's or subscription's codec is taken, or <see cref="PipelineBuilder.SaveWith{T}"/> names one.</summary>
    IReadOnlyList<MessageCodec> MessageCodecs => [];
}
