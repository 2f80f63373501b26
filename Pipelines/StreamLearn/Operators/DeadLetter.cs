namespace StreamLearn;

/// <summary>A message that a block could not process.</summary>
/// <param name="Block">The failed block.</param>
/// <param name="Reason">The error message.</param>
/// <param name="Time">The time.</param>
/// <param name="Item">The message, which the dead letter owns.</param>
public sealed record DeadLetter(string Block, string Reason, DateTimeOffset Time, object Item) : IOwned, ISized, IPrivate
{
    /// <inheritdoc />
    public long SizeBytes => (Item as ISized)?.SizeBytes ?? ISized.DefaultBytes;

    /// <inheritdoc />
    public int Rows => (Item as ISized)?.Rows ?? 0;

    /// <summary>The label of the contained message.</summary>
    public PrivacyLabel Privacy => (Item as IPrivate)?.Privacy ?? PrivacyLabel.Public;

    /// <inheritdoc />
    public IOwned Retain() => this with { Item = Item is IOwned owned ? owned.Retain() : Item };

    /// <inheritdoc />
    public void Dispose() => (Item as IDisposable)?.Dispose();
}
