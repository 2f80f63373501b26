namespace StreamLearn.Nats;

/// <summary>A permission error: <c>Permissions Violation for Subscription to "subject"</c>, possibly with a queue group, or <c>for Publish
/// to "subject"</c>. <paramref name="IsSubscription"/>: false for publish.</summary>
internal readonly record struct NatsViolation(string Subject, bool IsSubscription)
{
    private const string Begin = "permissions violation for ", Subscription = "subscription to \"", Publish = "publish to \"";

    internal static bool TryRead(string error, out NatsViolation violation)
    {
        violation = default;
        if (!error.StartsWith(Begin, StringComparison.OrdinalIgnoreCase)) { return false; }
        var rest = error.AsSpan(Begin.Length);
        var isSubscription = rest.StartsWith(Subscription, StringComparison.OrdinalIgnoreCase);
        if (!isSubscription && !rest.StartsWith(Publish, StringComparison.OrdinalIgnoreCase)) { return false; }
        var subject = rest[(isSubscription ? Subscription.Length : Publish.Length)..];
        var end = isSubscription ? subject.IndexOf('"') : subject.LastIndexOf('"');
        if (end <= 0) { return false; }
        violation = new(subject[..end].ToString(), isSubscription);
        return true;
    }

    /// <summary>Returns true also for a subject that the account maps: <c>$JS.API.X</c> to <c>API.X</c>.</summary>
    internal bool IsToPublish(string subject) => !IsSubscription
        && (subject == Subject || (subject.EndsWith(Subject, StringComparison.Ordinal) && subject[^(Subject.Length + 1)] == '.'));

    internal TransportException Error(string server) => new(
        $"{server}: this login is not permitted to {(IsSubscription ? "subscribe" : "publish")} to '{PrintableText.Of(Subject)}'",
        isTransient: false);

    internal static bool IsOfCreation(TransportException error, string stream) =>
        error.Message.EndsWith($"is not permitted to publish to '$JS.API.STREAM.CREATE.{stream}'", StringComparison.Ordinal);
}
