namespace StreamLearn.Arrow.Tests;

/// <summary>What bytes are read as.</summary>
internal enum HostileForm
{
    Stream,

    File,

    /// <summary>A message of <see cref="ArrowCodec.Batches"/>.</summary>
    Message,

    /// <summary>A message of <see cref="ArrowCodec.BatchesOf"/>.</summary>
    Alone,
}
