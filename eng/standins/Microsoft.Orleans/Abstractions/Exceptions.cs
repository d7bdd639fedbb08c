namespace Orleans.Runtime
{
    public class OrleansException : Exception
    {
        public OrleansException()
            : base("Unexpected error.")
        {
        }

        public OrleansException(string message)
            : base(message)
        {
        }

        public OrleansException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The call was refused before it ran.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }
    }

    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException()
            : base("Silo unavailable")
        {
        }

        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }
    }

    public sealed class OrleansConfigurationException : Exception
    {
        public OrleansConfigurationException(string message)
            : base(message)
        {
        }

        public OrleansConfigurationException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Serialization
{
    public class SerializerException : Exception
    {
        public SerializerException()
        {
        }

        public SerializerException(string message)
            : base(message)
        {
        }

        public SerializerException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A value of a type that Orleans cannot serialize was to cross a grain interface.</summary>
    public sealed class CodecNotFoundException : SerializerException
    {
        public CodecNotFoundException(string message)
            : base(message)
        {
        }
    }
}
