using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime
{
    public interface ILocalSiloDetails
    {
        string Name { get; }

        string ClusterId { get; }

        string DnsHostName { get; }

        SiloAddress SiloAddress { get; }

        SiloAddress GatewayAddress { get; }
    }

    internal sealed record Clustering(int SiloPort, int GatewayPort);

    internal sealed class LocalSiloDetails : ILocalSiloDetails
    {
        public LocalSiloDetails(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IEnumerable<Clustering> clustering)
        {
            var ports = clustering.LastOrDefault() ?? throw new InvalidOperationException(
                "Clustering has not been configured. Configure clustering with UseLocalhostClustering.");
            Name = silo.Value.SiloName ?? $"Silo_{Guid.NewGuid():N}"[..10];
            ClusterId = cluster.Value.ClusterId;
            var generation = (int)(TimeProvider.System.GetUtcNow() - new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds;
            SiloAddress = SiloAddress.New(IPAddress.Loopback, ports.SiloPort, generation);
            GatewayAddress = SiloAddress.New(IPAddress.Loopback, ports.GatewayPort, 0);
        }

        public string Name { get; }

        public string ClusterId { get; }

        public string DnsHostName { get; } = Dns.GetHostName();

        public SiloAddress SiloAddress { get; }

        public SiloAddress GatewayAddress { get; }
    }
}
