namespace StreamLearn.Arrow.Tests;

/// <summary>What bytes are read as.</summary>
internal enum HostileForm
{
    /// <summary>A stream.</summary>
    Stream,

    /// <summary>A file with a footer.</summary>
    File,

    /// <summary>A message of <see cref="ArrowCodec.Batches"/>.</summary>
    Message,

    /// <summary>A message of <see cref="ArrowCodec.BatchesOf"/>.</summary>
    Alone,
}
