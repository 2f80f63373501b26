using System.Buffers;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Publishes over a link. A message is written at once if possible, otherwise kept until it is confirmed.</summary>
internal sealed class Publisher(Link link)
{
    private readonly TopicBytes _topics = new(Encoding.UTF8.GetBytes);
    private readonly Stack<Publication> _pool = [];

    internal ValueTask PublishAsync(
        Topic topic, in ReadOnlySequence<byte> payload, in PublishTerms terms, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (terms.Qos == 0 && TryWrite(topic.Value, payload, terms)) { return default; }
        var publication = Publication.Rent(_pool);
        publication.Fill(topic.Value, payload, terms, cancellationToken);
        var done = publication.Done;
        lock (link.Gate)
        {
            if (link.Failure is { } failure)
            {
                publication.End(failure);
                publication.Release();
                return done;
            }

            link.Session.Publish(publication, link.Output, link.Now);
        }

        link.ToWrite.Raise();
        return done;
    }

    /// <summary>QoS 0 messages are not kept.</summary>
    private bool TryWrite(string topic, in ReadOnlySequence<byte> payload, in PublishTerms terms)
    {
        lock (link.Gate)
        {
            var (session, output) = (link.Session, link.Output);
            if (session.State != SessionState.Connected || link.Failure is not null || !session.Outbox.IsOpen(output)) { return false; }
            if (!session.Outbox.TryWrite(topic, _topics.Of(topic), payload, terms, output)) { return false; }
        }

        link.ToWrite.Raise();
        return true;
    }
}
