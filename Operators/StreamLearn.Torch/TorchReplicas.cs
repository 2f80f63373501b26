namespace StreamLearn.Torch;

/// <summary>Grows to the maximum number of concurrent calls.</summary>
internal sealed class TorchReplicas(Func<bool, TorchReplica> make)
{
    private readonly Lock _gate = new();
    private readonly List<TorchReplica> _training = [];
    private readonly List<TorchReplica> _answering = [];

    /// <summary>Returns a replica, preferably one with the version loaded.</summary>
    internal TorchReplica Rent(bool training, Weights? version = null)
    {
        var free = training ? _training : _answering;
        lock (_gate)
        {
            if (free.Count > 0)
            {
                var at = version is null ? free.Count - 1 : Math.Max(0, free.FindIndex(r => ReferenceEquals(r.Version, version)));
                var replica = free[at];
                free.RemoveAt(at);
                return replica;
            }
        }

        return make(training);
    }

    /// <summary>Do not return one whose call failed, because its state is unknown.</summary>
    internal void Return(TorchReplica replica, bool training)
    {
        lock (_gate) { (training ? _training : _answering).Add(replica); }
    }
}
